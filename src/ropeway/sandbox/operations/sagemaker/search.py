"""Search and GetSearchSuggestions, over what the sandbox's own operations list and describe.

A searched resource is listed by its List operation and described by its Describe operation, so a search finds
exactly what a caller finds by hand, with its tags, at once. Properties and their kinds come from the service model's
shapes. A filter that asks for one name narrows the list; others look at every resource of the account and region.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from botocore.model import Shape

from ropeway.sandbox.domain.errors import DomainError, NotThere
from ropeway.sandbox.domain.listing import Cursor, Page
from ropeway.sandbox.domain.search.expression import check, matches, ordered, required
from ropeway.sandbox.domain.search.properties import Properties
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import lookup, operation
from ropeway.sandbox.operations.service_models import service_model

__all__: list[str] = []

_KINDS = {"timestamp": "time", "boolean": "flag", "string": "text"}
_NUMBERS = frozenset({"integer", "long", "float", "double"})


@dataclass(frozen=True)
class _Source:
    """Where the documents of a resource come from.

    Attributes:
        record: the member of a search record.
        list: the List operation, its output's member, and further input.
        describe: the Describe operation, its input's member, and the summary's member that goes there.
        arn: the document's member that tags belong to.
        narrow: List input by the property that must equal its value.
    """

    record: str
    list: tuple[str, str, Mapping[str, Any]]
    describe: tuple[str, str, str]
    arn: str
    narrow: Mapping[str, str]


def _source(resource: str, lists: str, *, record: str = "", plural: str = "", narrow: str = "") -> _Source:
    name = f"{record or resource}Name"
    return _Source(
        record or resource,
        (plural or f"List{record or resource}s", lists, {}),
        (f"Describe{record or resource}", name, name),
        f"{record or resource}Arn",
        {narrow: name} if narrow else {},
    )


_SOURCES = {
    "Experiment": _source("Experiment", "ExperimentSummaries"),
    "ExperimentTrial": _source("ExperimentTrial", "TrialSummaries", record="Trial"),
    "ExperimentTrialComponent": _source(
        "ExperimentTrialComponent", "TrialComponentSummaries", record="TrialComponent"
    ),
    "HyperParameterTuningJob": _source(
        "HyperParameterTuningJob", "HyperParameterTuningJobSummaries", narrow="NameContains"
    ),
    "Model": _source("Model", "Models", narrow="NameContains"),
    "ModelPackage": _Source(
        "ModelPackage",
        ("ListModelPackages", "ModelPackageSummaryList", {"ModelPackageType": "Both"}),
        ("DescribeModelPackage", "ModelPackageName", "ModelPackageArn"),
        "ModelPackageArn",
        {"ModelPackageGroupName": "ModelPackageGroupName"},
    ),
    "ModelPackageGroup": _source("ModelPackageGroup", "ModelPackageGroupSummaryList", narrow="NameContains"),
    "Pipeline": _source("Pipeline", "PipelineSummaries", narrow="PipelineNamePrefix"),
    "PipelineExecution": _Source(
        "PipelineExecution",
        ("ListPipelineExecutions", "PipelineExecutionSummaries", {}),
        ("DescribePipelineExecution", "PipelineExecutionArn", "PipelineExecutionArn"),
        "PipelineExecutionArn",
        {},
    ),
    "TrainingJob": _source("TrainingJob", "TrainingJobSummaries", narrow="NameContains"),
}
# Executions are listed by pipeline.
_PARENTS = {"PipelineExecution": ("Pipeline", "PipelineName", "PipelineArn")}


@operation("sagemaker", "Search")
def search(call: Call) -> dict[str, Any]:
    """Resources of one type that an expression selects, last modified first."""
    params = call.params
    source, properties = _known(params["Resource"])
    expression = params.get("SearchExpression", {})
    check(expression, properties)
    by, order = params.get("SortBy", "LastModifiedTime"), params.get("SortOrder", "Descending")
    if "SortBy" in params:
        properties.kind(by)
    # A token is good for one search in one order; a list's own orders are no concern of it.
    asked = {name: value for name, value in params.items() if name not in {"SortBy", "SortOrder"}}
    asked["Order"] = (by, order)
    listing = pages.listing_of(asked)
    found: list[Mapping[str, Any]] = [
        document
        for document in _documents(call, params["Resource"], source, expression)
        if matches(expression, document, properties) and _visible(params, document)
    ]
    if params.get("CrossAccountFilterOption") == "CrossAccount":
        found = []  # shared through RAM, which the sandbox does not have
    found = ordered(found, by, descending=order == "Descending")
    start = listing.after.row if listing.after is not None else 0
    end = start + listing.limit
    page = Page(found[start:end], Cursor(end, end) if end < len(found) else None)
    answer = pages.answer("Results", page, asked, lambda document: _record(source, document))
    return {**answer, "TotalHits": {"Value": len(found), "Relation": "EqualTo"}}


@operation("sagemaker", "GetSearchSuggestions")
def suggest(call: Call) -> dict[str, Any]:
    """Names of properties that a resource can be searched by."""
    _, properties = _known(call.params["Resource"])
    hint = call.params.get("SuggestionQuery", {}).get("PropertyNameQuery", {}).get("PropertyNameHint", "")
    names = [{"PropertyName": name} for name in properties.suggestions(hint)]
    return {"PropertyNameSuggestions": names}


def _known(resource: str) -> tuple[_Source, Properties]:
    source = _SOURCES.get(resource)
    if source is None or lookup("sagemaker", source.list[0]) is None:
        raise NotThere(f"The sandbox does not search resources of type {resource}.")
    return source, _properties(resource)


def _documents(
    call: Call, resource: str, source: _Source, expression: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    parent = _PARENTS.get(resource)
    scopes: list[dict[str, Any]] = [{}]
    if parent is not None:
        kind, member, key = parent
        scopes = [{member: above[key]} for above in _listed(call, _SOURCES[kind], {}, {})]
    for scope in scopes:
        for summary in _listed(call, source, scope, expression):
            try:
                document = _described(call, source, summary)
            except DomainError:  # it was deleted meanwhile
                continue
            yield document


def _listed(
    call: Call, source: _Source, scope: Mapping[str, Any], expression: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    name, member, further = source.list
    params: dict[str, Any] = {"MaxResults": 100, **further, **scope}
    for parameter, prop in source.narrow.items():
        value = required(expression, prop)
        if value is not None:
            params[parameter] = value
    token: str | None = None
    while True:
        more = {"NextToken": token} if token else {}
        try:
            answer = _run(call, name, {**params, **more})
        except DomainError:  # what it is narrowed to does not exist
            return
        yield from answer[member]
        token = answer.get("NextToken")
        if not token:
            return


def _described(call: Call, source: _Source, summary: Mapping[str, Any]) -> dict[str, Any]:
    name, member, key = source.describe
    document = _run(call, name, {member: summary[key]})
    tags = {tag["Key"]: tag["Value"] for tag in call.domain.tags.list(document[source.arn])}
    if source.record == "PipelineExecution":
        asked = {"PipelineExecutionArn": document["PipelineExecutionArn"], "MaxResults": 100}
        document |= _run(call, "ListPipelineParametersForExecution", asked)
    if source.record == "TrainingJob":
        metrics = document.get("FinalMetricDataList", ())
        document["Metrics"] = {metric["MetricName"]: metric["Value"] for metric in metrics}
    if source.record == "TrialComponent":
        metrics = document.get("Metrics", ())
        document["MetricsOf"], document["ParametersOf"] = metrics, document.get("Parameters", {})
        parameters = document["ParametersOf"].items()
        document["Parameters"] = {key: next(iter(value.values()), None) for key, value in parameters}
        document["Metrics"] = {metric["MetricName"]: metric for metric in metrics}
    return {**document, "Tags": tags}


def _record(source: _Source, document: Mapping[str, Any]) -> dict[str, Any]:
    """A document as a search result."""
    tags = [{"Key": key, "Value": value} for key, value in document["Tags"].items()]
    shown = {**document, "Tags": tags}
    if source.record == "TrialComponent":
        shown |= {"Metrics": document["MetricsOf"], "Parameters": document["ParametersOf"]}
    return {source.record: {"Model": shown} if source.record == "Model" else shown}


def _visible(params: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Whether the resource has none of the tags that limit the view, or has them with the values asked for."""
    tags: Mapping[str, str] = document["Tags"]
    conditions = params.get("VisibilityConditions", ())
    wanted = {
        entry["Key"].removeprefix("Tags."): entry.get("Value") for entry in conditions if "Key" in entry
    }
    return all(tags[key] == value for key, value in wanted.items() if key in tags)


def _run(call: Call, name: str, params: dict[str, Any]) -> dict[str, Any]:
    handler = lookup("sagemaker", name)
    if handler is None:
        raise NotThere(f"The sandbox does not implement sagemaker {name}.")
    return handler(replace(call, operation=name, params=params)) or {}


@lru_cache(maxsize=32)
def _properties(resource: str) -> Properties:
    record = _SOURCES[resource].record
    shape = service_model("sagemaker").shape_for("SearchRecord").members[record]
    if record == "Model":
        shape = shape.members["Model"]
    kinds: dict[str, str] = {}
    maps, lists = {"Tags"}, set()
    for path, leaf in _walk(shape, "", ()):
        if leaf.type_name == "list":
            lists.add(path)
        elif leaf.type_name == "map":
            maps.add(path)
        else:
            kinds[path] = "number" if leaf.type_name in _NUMBERS else _KINDS.get(leaf.type_name, "text")
    if record in {"TrainingJob", "TrialComponent"}:
        maps.add("Metrics")
    if record == "TrialComponent":
        kinds |= {"Parents.TrialName": "text", "Parents.ExperimentName": "text"}
    return Properties(kinds, frozenset(maps), frozenset(lists))


def _walk(shape: Shape, path: str, above: tuple[str, ...]) -> Iterator[tuple[str, Shape]]:
    """The leaves, maps and lists of structures of a shape, with their paths."""
    if path == "Tags" or shape.name in above:  # tags are a map to searches; no shape holds itself
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from _walk(member, f"{path}.{name}" if path else name, (*above, shape.name))
    elif shape.type_name == "list":
        if shape.member.type_name == "structure":
            yield path, shape
        yield from _walk(shape.member, path, above)
    else:
        yield path, shape
