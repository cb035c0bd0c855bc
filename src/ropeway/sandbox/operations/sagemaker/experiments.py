"""Experiments, their trials, and the trial components that are part of trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.errors import NotFound
from ropeway.sandbox.domain.lineage.model import Entity, Summary
from ropeway.sandbox.domain.listing import Cursor, Listing, Page
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.sagemaker.lineage import described

__all__: list[str] = []

_EXPERIMENT, _TRIAL, _COMPONENT = "experiment", "experiment-trial", "experiment-trial-component"
_REMOVALS = {
    "ParametersToRemove": "Parameters",
    "InputArtifactsToRemove": "InputArtifacts",
    "OutputArtifactsToRemove": "OutputArtifacts",
}
_NAMES = frozenset({"ExperimentName", "TrialName", "TrialComponentName", "Tags"})


@operation("sagemaker", "CreateExperiment")
def create_experiment(call: Call) -> dict[str, Any]:
    """Make an experiment."""
    return {"ExperimentArn": _create(call, _EXPERIMENT, call.params["ExperimentName"]).arn}


@operation("sagemaker", "CreateTrial")
def create_trial(call: Call) -> dict[str, Any]:
    """Make a trial of an experiment."""
    experiment = _find(call, _EXPERIMENT, call.params["ExperimentName"])
    return {"TrialArn": _create(call, _TRIAL, call.params["TrialName"], parent=experiment.name).arn}


@operation("sagemaker", "CreateTrialComponent")
def create_component(call: Call) -> dict[str, Any]:
    """Make a trial component."""
    return {"TrialComponentArn": _create(call, _COMPONENT, call.params["TrialComponentName"]).arn}


@operation("sagemaker", "DescribeExperiment")
def describe_experiment(call: Call) -> dict[str, Any]:
    """An experiment as it stands."""
    return _experiment(_find(call, _EXPERIMENT, call.params["ExperimentName"]))


@operation("sagemaker", "DescribeTrial")
def describe_trial(call: Call) -> dict[str, Any]:
    """A trial as it stands."""
    return _trial(_find(call, _TRIAL, call.params["TrialName"]))


@operation("sagemaker", "DescribeTrialComponent")
def describe_component(call: Call) -> dict[str, Any]:
    """A trial component as it stands, with its metrics in figures and the trials that it is part of."""
    entity = _find(call, _COMPONENT, call.params["TrialComponentName"])
    store, parts = call.domain.lineage.store, call.domain.lineage.trials
    metrics = [_summary(entity, each) for each in parts.summaries(entity.arn)]
    trials = [store.get(arn) for arn in parts.trials(entity.arn)]
    parents = [
        {"TrialName": trial.name, "ExperimentName": trial.parent} for trial in trials if trial is not None
    ]
    return {**_component(entity), "Metrics": metrics, "Parents": parents}


@operation("sagemaker", "UpdateExperiment")
def update_experiment(call: Call) -> dict[str, Any]:
    """Name or describe an experiment."""
    return {"ExperimentArn": _change(call, _EXPERIMENT, call.params["ExperimentName"]).arn}


@operation("sagemaker", "UpdateTrial")
def update_trial(call: Call) -> dict[str, Any]:
    """Name a trial."""
    return {"TrialArn": _change(call, _TRIAL, call.params["TrialName"]).arn}


@operation("sagemaker", "UpdateTrialComponent")
def update_component(call: Call) -> dict[str, Any]:
    """Change a trial component: parameters and artifacts are added to those that it has."""
    return {"TrialComponentArn": _change(call, _COMPONENT, call.params["TrialComponentName"]).arn}


@operation("sagemaker", "DeleteExperiment")
def delete_experiment(call: Call) -> dict[str, Any]:
    """Forget an experiment without trials."""
    return {"ExperimentArn": _delete(call, _EXPERIMENT, call.params["ExperimentName"]).arn}


@operation("sagemaker", "DeleteTrial")
def delete_trial(call: Call) -> dict[str, Any]:
    """Forget a trial without components."""
    return {"TrialArn": _delete(call, _TRIAL, call.params["TrialName"]).arn}


@operation("sagemaker", "DeleteTrialComponent")
def delete_component(call: Call) -> dict[str, Any]:
    """Forget a trial component that is part of no trial."""
    return {"TrialComponentArn": _delete(call, _COMPONENT, call.params["TrialComponentName"]).arn}


@operation("sagemaker", "ListExperiments")
def list_experiments(call: Call) -> dict[str, Any]:
    """Experiments of the account and region, newest first."""
    page = call.domain.lineage.list(_EXPERIMENT, call.account, call.region, pages.listing_of(call.params))
    return pages.answer("ExperimentSummaries", page, call.params, _experiment)


@operation("sagemaker", "ListTrials")
def list_trials(call: Call) -> dict[str, Any]:
    """Trials, of an experiment or with a component, newest first."""
    params = call.params
    if "ExperimentName" in params:
        _find(call, _EXPERIMENT, params["ExperimentName"])
    listing = pages.listing_of(params, equals={"ExperimentName": "parent"})
    if "TrialComponentName" in params:
        component = _find(call, _COMPONENT, params["TrialComponentName"])
        arns = call.domain.lineage.trials.trials(component.arn)
        page = _among(call, arns, listing)
    else:
        page = call.domain.lineage.list(_TRIAL, call.account, call.region, listing)
    return pages.answer("TrialSummaries", page, params, _trial)


@operation("sagemaker", "ListTrialComponents")
def list_components(call: Call) -> dict[str, Any]:
    """Trial components, of a trial, an experiment or a source, newest first."""
    params, parts = call.params, call.domain.lineage.trials
    listing = pages.listing_of(params, equals={"SourceArn": "source"})
    if "TrialName" in params:
        page = _among(call, parts.components(_find(call, _TRIAL, params["TrialName"]).arn), listing)
    elif "ExperimentName" in params:
        experiment = _find(call, _EXPERIMENT, params["ExperimentName"])
        trials = _all_trials(call, experiment.name)
        arns = {arn: None for trial in trials for arn in parts.components(trial.arn)}
        page = _among(call, list(arns), listing)
    else:
        page = call.domain.lineage.list(_COMPONENT, call.account, call.region, listing)
    return pages.answer("TrialComponentSummaries", page, params, _component)


@operation("sagemaker", "AssociateTrialComponent")
def associate(call: Call) -> dict[str, Any]:
    """Make a trial component part of a trial."""
    component, trial = _members(call)
    call.domain.lineage.trials.join(trial.arn, component.arn)
    return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}


@operation("sagemaker", "DisassociateTrialComponent")
def disassociate(call: Call) -> dict[str, Any]:
    """Take a trial component out of a trial."""
    component, trial = _members(call)
    if not call.domain.lineage.trials.leave(trial.arn, component.arn):
        raise NotFound(f"Trial component {component.name} is not associated with trial {trial.name}.")
    return {"TrialComponentArn": component.arn, "TrialArn": trial.arn}


def _members(call: Call) -> tuple[Entity, Entity]:
    component = _find(call, _COMPONENT, call.params["TrialComponentName"])
    return component, _find(call, _TRIAL, call.params["TrialName"])


def _find(call: Call, kind: str, name: str) -> Entity:
    return call.domain.lineage.find(kind, call.account, call.region, name)


def _create(call: Call, kind: str, name: str, *, parent: str = "") -> Entity:
    document = _plain({key: value for key, value in call.params.items() if key not in _NAMES})
    entity = Entity(kind, call.account, call.region, name, 0.0, 0.0, parent=parent, document=document)
    return call.domain.lineage.create(entity, call.params.get("Tags", ()), call.caller)


def _change(call: Call, kind: str, name: str) -> Entity:
    params = call.params
    changes = {key: value for key, value in params.items() if key not in _NAMES and key not in _REMOVALS}
    removed = {member: params[key] for key, member in _REMOVALS.items() if key in params}
    return call.domain.lineage.change(_find(call, kind, name), _plain(changes), call.caller, removed)


def _delete(call: Call, kind: str, name: str) -> Entity:
    entity = _find(call, kind, name)
    call.domain.lineage.delete(entity)
    return entity


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """Times as epoch seconds, which is how documents keep them."""
    return {
        key: value.timestamp() if isinstance(value, datetime) else value for key, value in document.items()
    }


def _among(call: Call, arns: Sequence[str], listing: Listing) -> Page[Entity]:
    """One page of the entities named, by the listing's filters and order."""
    store = call.domain.lineage.store
    entities = [entity for arn in arns if (entity := store.get(arn)) is not None]
    source = listing.equals.get("source")
    parent = listing.equals.get("parent")
    kept = [
        entity
        for entity in entities
        if (source is None or entity.source == source)
        and (parent is None or entity.parent == parent)
        and (listing.created_after is None or entity.created > listing.created_after)
        and (listing.created_before is None or entity.created < listing.created_before)
    ]
    key: Callable[[Entity], Any] = lambda entity: entity.name if listing.sort == "name" else entity.created  # noqa: E731
    kept.sort(key=key, reverse=listing.descending)
    start = listing.after.row if listing.after is not None else 0
    end = start + listing.limit
    return Page(kept[start:end], Cursor(end, end) if end < len(kept) else None)


def _all_trials(call: Call, experiment: str) -> list[Entity]:
    found: list[Entity] = []
    after: Cursor | None = None
    while True:
        listing = Listing(limit=100, after=after, equals={"parent": experiment})
        page = call.domain.lineage.list(_TRIAL, call.account, call.region, listing)
        found += page.items
        after = page.next
        if after is None:
            return found


def _experiment(entity: Entity) -> dict[str, Any]:
    return {
        "DisplayName": entity.name,
        **described(entity),
        "ExperimentName": entity.name,
        "ExperimentArn": entity.arn,
    }


def _trial(entity: Entity) -> dict[str, Any]:
    return {
        "DisplayName": entity.name,
        **described(entity),
        "TrialName": entity.name,
        "TrialArn": entity.arn,
        "ExperimentName": entity.parent,
    }


def _component(entity: Entity) -> dict[str, Any]:
    source = entity.document.get("Source")
    return {
        "DisplayName": entity.name,
        **described(entity),
        "TrialComponentName": entity.name,
        "TrialComponentArn": entity.arn,
        "TrialComponentSource": source,
        "Sources": [source] if source else None,
    }


def _summary(entity: Entity, summary: Summary) -> dict[str, Any]:
    return {
        "MetricName": summary.name,
        "SourceArn": entity.source or entity.arn,
        "TimeStamp": pages.moment(summary.timestamp),
        "Max": summary.high,
        "Min": summary.low,
        "Last": summary.last,
        "Count": summary.count,
        "Avg": summary.mean,
        "StdDev": summary.deviation,
    }
