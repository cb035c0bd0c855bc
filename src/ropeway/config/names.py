"""Every name and every parameter path of a platform, from three words: platform, unit, environment.

``acme-retail-preprod-artifacts-222222222222`` is a bucket, ``acme-retail-preprod-execution`` a role,
``/ropeway/acme/retail/preprod/network/vpc-id`` a parameter. A name always carries all three words, so nothing
collides when environments or units share an account; a bucket carries the account, too, since buckets share one
namespace with the world. The operations account is the environment ``operations``.

Terraform, templates, CI and tools take names from here (``Names.table`` is what goes into tfvars) and from nowhere
else. ``RESOURCES`` and ``PARAMETERS`` are the whole list; AWS's limits are in ``LIMITS``, and ``ropeway validate``
tells a name that would be too long before anything is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ropeway.errors import UsageError

__all__ = [
    "LIMITS",
    "OPERATIONS",
    "PARAMETERS",
    "PERSONAS",
    "PROJECT_LENGTH",
    "RESOURCES",
    "S1_ACCOUNTS",
    "TEMPLATES",
    "Derived",
    "Names",
    "Parameter",
    "Resource",
]

OPERATIONS = "operations"
# The longest name of a project that the checks leave room for.
PROJECT_LENGTH = 20

# Characters that AWS allows, by kind of resource (service documentation of each Create call).
LIMITS = {
    "alarm": 255,
    "budget": 100,
    "bucket": 63,
    "dashboard": 255,
    "domain": 63,
    "endpoint": 63,
    "function": 64,
    "key_alias": 256,
    "log_group": 512,
    "parameter": 1011,
    "pipeline": 256,
    "policy": 128,
    "portfolio": 100,
    "project_bucket": 63,
    "queue": 80,
    "repository": 256,
    "role": 64,
    "rule": 64,
    "schedule": 64,
    "secret": 512,
    "security_group": 255,
    "stack": 128,
    "state_machine": 80,
    "table": 255,
    "topic": 256,
}

_PREFIXES = {"key_alias": "alias/", "log_group": "/ropeway/"}
_WITH_ACCOUNT = {"bucket", "project_bucket"}
# Where a resource stands: in every environment, in the first one only (where people work), in operations.
EVERY, FIRST, OPS = "environment", "first environment", OPERATIONS


@dataclass(frozen=True)
class Resource:
    """One resource whose name is derived.

    Attributes:
        kind: a key of ``LIMITS``.
        purpose: the last word of its name.
        where: ``environment``, ``first environment``, ``operations``, or several with commas.
        about: what it is for.
        project: whether there is one in each project, and the project's name stands for the purpose.
    """

    kind: str
    purpose: str
    where: str
    about: str
    project: bool = False


_ALL = f"{EVERY}, {OPS}"
_PROJECT = "p" * PROJECT_LENGTH
_PROJECT_POLICIES = ("pass-role", "execution", "related", "s3", "vpc", "inside-vpc")
RESOURCES = (
    Resource("bucket", "tfstate", _ALL, "Terraform's state"),
    Resource("bucket", "logs", _ALL, "access logs of the other buckets"),
    Resource("bucket", "data", EVERY, "data that pipelines read and write"),
    Resource("bucket", "artifacts", EVERY, "models, reports and code of pipelines"),
    Resource("bucket", "capture", EVERY, "what endpoints and monitors record"),
    Resource("bucket", "catalog", FIRST, "templates of the project catalog"),
    Resource("bucket", "registry", OPS, "model artifacts of the central registry"),
    Resource("project_bucket", _PROJECT, FIRST, "a project's artifacts", project=True),
    Resource("table", "tflock", _ALL, "Terraform's lock, where asked for"),
    Resource("table", "ledger", OPS, "the record of who did what"),
    Resource("role", "plan", _ALL, "CI plans changes, and reads only"),
    Resource("role", "apply", _ALL, "CI applies changes, within the boundary"),
    Resource("role", "break-glass", _ALL, "deletes state in an emergency, with a second factor"),
    Resource("role", "deploy", EVERY, "CI deploys models and pipelines"),
    Resource("role", "execution", EVERY, "jobs and endpoints"),
    Resource("role", "pipeline", EVERY, "pipelines start jobs"),
    Resource("role", "events", EVERY, "rules and schedules start pipelines"),
    Resource("role", "functions", EVERY, "functions that pipelines call"),
    Resource("role", "create-project", FIRST, "the function of that name"),
    Resource("role", "start-delivery", EVERY, "the function of that name"),
    Resource("role", "approval-rules", EVERY, "the function of that name"),
    Resource("role", "flow-logs", EVERY, "the network's flow logs"),
    Resource("role", "studio", FIRST, "the Studio domain"),
    Resource("role", "data-scientist", FIRST, "Studio users who train"),
    Resource("role", "lead", FIRST, "Studio users who also create projects and approve"),
    Resource("role", "catalog-launch", FIRST, "the catalog creates projects"),
    Resource("role", "registry-reader", OPS, "environments read the registry"),
    Resource("role", "images", OPS, "CI builds and pushes images"),
    Resource("policy", "boundary", _ALL, "the permission boundary of every role"),
    *(Resource("policy", f"project-{each}", EVERY, "for roles of projects") for each in _PROJECT_POLICIES),
    Resource("key_alias", "state", _ALL, "key of Terraform's state"),
    Resource("key_alias", "data", EVERY, "key of data and volumes"),
    Resource("key_alias", "artifacts", _ALL, "key of models and reports"),
    Resource("key_alias", "logs", _ALL, "key of log groups"),
    Resource("key_alias", "notifications", _ALL, "key of topics and queues"),
    Resource("key_alias", "secrets", _ALL, "key of secrets"),
    Resource("function", "create-project", FIRST, "creates a project's repositories"),
    Resource("function", "start-delivery", EVERY, "tells CI that a model was approved"),
    Resource("function", "approval-rules", EVERY, "decides on models by rules"),
    Resource("function", "promote", OPS, "moves approved versions on"),
    Resource("rule", "model-approved", _ALL, "a model was approved"),
    Resource("rule", "pipeline-failed", EVERY, "a pipeline failed"),
    Resource("rule", "drift-found", EVERY, "a monitor found drift"),
    Resource("schedule", "retraining", EVERY, "starts retraining"),
    Resource("secret", "forge-token", EVERY, "token of the forge: starts deliveries, makes repositories"),
    Resource("topic", "notifications", _ALL, "mails to people"),
    Resource("queue", "dead-letters", EVERY, "events that found no taker"),
    Resource("state_machine", "workflow", EVERY, "the reusable workflow"),
    Resource("endpoint", _PROJECT, EVERY, "a project's endpoint", project=True),
    Resource("pipeline", _PROJECT, EVERY, "a project's pipeline", project=True),
    Resource("domain", "studio", FIRST, "the Studio domain"),
    Resource("portfolio", "projects", FIRST, "the project catalog"),
    Resource("repository", "training", OPS, "images that train and process"),
    Resource("repository", "serving", OPS, "images that serve"),
    Resource("log_group", "flow-logs", EVERY, "the network's flow logs"),
    Resource("security_group", "workloads", EVERY, "jobs, endpoints and Studio"),
    Resource("security_group", "endpoints", EVERY, "the network's interface endpoints"),
    Resource("budget", "monthly", _ALL, "the monthly budget"),
    Resource("dashboard", "overview", EVERY, "the environment at one look"),
    Resource("alarm", "dead-letters", EVERY, "events that found no taker"),
    Resource("stack", "bootstrap", _ALL, "the bootstrap stack"),
)


@dataclass(frozen=True)
class Parameter:
    """One SSM parameter.

    Attributes:
        key: path below ``/ropeway/PLATFORM/UNIT/ENVIRONMENT/``.
        where: as for ``Resource``.
        about: what it holds.
        s1: the name it also has under ``compatibility: s1``; ``{env}`` is the environment.
        many: whether it is a list (``StringList``).
    """

    key: str
    where: str
    about: str
    s1: str | None = None
    many: bool = False


PARAMETERS = (
    Parameter("network/vpc-id", EVERY, "the VPC"),
    Parameter(
        "network/private-subnet-ids", EVERY, "subnets of jobs, a list", "private-subnets-ids", many=True
    ),
    Parameter("network/security-group-id", EVERY, "security group of jobs", "sagemaker-domain-sg"),
    Parameter("keys/data", EVERY, "ARN of the data key", "/kms/key_arn"),
    Parameter("keys/artifacts", _ALL, "ARN of the artifacts key"),
    Parameter("buckets/data", EVERY, "name of the data bucket"),
    Parameter(
        "buckets/artifacts", EVERY, "name of the artifacts bucket", "/{env}/sagemaker_ml_artifacts_s3_bucket"
    ),
    Parameter("buckets/capture", EVERY, "name of the bucket of what endpoints record"),
    Parameter("buckets/registry", OPS, "name of the registry's bucket"),
    Parameter("roles/execution", EVERY, "ARN of the role of jobs", "/{env}/sagemaker_role_arn"),
    Parameter("roles/pipeline", EVERY, "ARN of the role of pipelines"),
    Parameter("roles/functions", EVERY, "ARN of the role of functions that pipelines call"),
    Parameter("roles/studio", FIRST, "ARN of the domain's role", "/mlops/role/execution"),
    Parameter("roles/data-scientist", FIRST, "ARN of the data scientists' role", "/mlops/role/ds"),
    Parameter("roles/lead", FIRST, "ARN of the leads' role", "/mlops/role/lead"),
    Parameter("functions/create-project/arn", FIRST, "ARN of the function", "arn_clone_repo_lambda"),
    Parameter("functions/start-delivery/arn", EVERY, "ARN of the function", "arn_trigger_workflow_lambda"),
    Parameter("functions/start-delivery/name", EVERY, "name of the function", "name_trigger_workflow_lambda"),
    Parameter("forge/organization", FIRST, "organization or group of the forge", "github_organization"),
    Parameter("templates/training", FIRST, "template repository", "github_build_repo_template"),
    Parameter("templates/realtime", FIRST, "template repository", "github_deploy_rt_repo_template"),
    Parameter("templates/batch", FIRST, "template repository", "github_deploy_batch_repo_template"),
    Parameter("templates/container", FIRST, "template repository", "github_byoc_repo_template"),
    Parameter("templates/pipeline", FIRST, "template repository", "github_workflow_repo_template"),
    Parameter("templates/llm", FIRST, "template repository", "github_llm_repo_template"),
    Parameter("policies/pass-role", FIRST, "ARN of a project policy", "arn_sagemaker_pass_role_policy"),
    Parameter("policies/execution", FIRST, "ARN of a project policy", "arn_sagemaker_execution_policy"),
    Parameter("policies/related", FIRST, "ARN of a project policy", "arn_sagemaker_related_policy"),
    Parameter("policies/s3", FIRST, "ARN of a project policy", "arn_sagemaker_s3_policy"),
    Parameter("policies/vpc", FIRST, "ARN of a project policy", "arn_sagemaker_vpc_policy"),
    Parameter("policies/inside-vpc", FIRST, "ARN of a project policy", "arn_deny_sagemaker_jobs_outside_vpc"),
    Parameter("accounts/operations", EVERY, "number of the operations account"),
    Parameter("accounts/environments", FIRST, "accounts of the promotion path, a list", many=True),
    Parameter("registry/account", EVERY, "number of the account that holds the registry"),
    Parameter("registry/bucket", EVERY, "name of the registry's bucket, in that account"),
    Parameter("topics/notifications", _ALL, "ARN of the topic that people are told by"),
)

# Template repositories that projects are made from, by the last word of their parameter; the names are S1's.
TEMPLATES = {
    "training": "model-training",
    "realtime": "model-deployment-realtime",
    "batch": "model-deployment-batch",
    "container": "container-build",
    "pipeline": "pipeline-promotion",
    "llm": "llm-training",
}

# Studio profiles are ``ds-NAME`` and ``lead-ds-NAME``, as in S1; a domain's profiles are its own.
PERSONAS = {"data_scientists": "ds", "leads": "lead-ds"}

# What S1's project templates deploy to; S1's environments always have these names.
S1_ACCOUNTS = {"accounts/preprod": "preprod_account_number", "accounts/prod": "prod_account_number"}


@dataclass(frozen=True)
class Derived:
    """A name that follows from the configuration."""

    resource: Resource
    name: str

    @property
    def excess(self) -> int:
        """How many characters the name is too long; 0 when it fits."""
        return max(0, len(self.name) - LIMITS[self.resource.kind])


@dataclass(frozen=True)
class Names:
    """The names of one environment of one unit.

    Attributes:
        platform: the platform's name.
        unit: the unit's.
        environment: the environment's, or ``operations``.
        account: the account's twelve digits.
        first: whether this is the unit's first environment, where people work.
    """

    platform: str
    unit: str
    environment: str
    account: str
    first: bool = False

    @property
    def prefix(self) -> str:
        """What every name begins with, without the dash."""
        return f"{self.platform}-{self.unit}-{self.environment}"

    @property
    def path(self) -> str:
        """What every parameter's path begins with, without the last slash."""
        return f"/ropeway/{self.platform}/{self.unit}/{self.environment}"

    @property
    def deployment(self) -> str:
        """What the forge calls this environment: a repository serves several units."""
        return f"{self.unit}-{self.environment}"

    def name(self, kind: str, purpose: str) -> str:
        """The name of a resource.

        Args:
            kind: a key of ``LIMITS``.
            purpose: its last word, or a project's name.

        Raises:
            UsageError: the name is longer than AWS allows.
        """
        text = self._compose(kind, purpose)
        if len(text) > LIMITS[kind]:
            raise UsageError(
                f"the {kind.replace('_', ' ')} {text!r} has {len(text)} characters; AWS allows {LIMITS[kind]}",
                hint="shorten the name of the platform, the unit, the environment or the project",
            )
        return text

    def _compose(self, kind: str, purpose: str) -> str:
        tail = f"-{self.account}" if kind in _WITH_ACCOUNT else ""
        return f"{_PREFIXES.get(kind, '')}{self.prefix}-{purpose}{tail}"

    def parameter(self, key: str) -> str:
        """The path of a parameter."""
        return f"{self.path}/{key}"

    def profile(self, persona: str, user: str) -> str:
        """The Studio profile of a user; ``persona`` is a key of ``PERSONAS``."""
        return f"{PERSONAS[persona]}-{user}"

    def _has(self, where: str) -> bool:
        places = where.split(", ")
        if self.environment == OPERATIONS:
            return OPS in places
        return EVERY in places or (self.first and FIRST in places)

    def derived(self) -> Iterator[Derived]:
        """Every name of this environment, however long."""
        for resource in RESOURCES:
            if self._has(resource.where):
                yield Derived(resource, self._compose(resource.kind, resource.purpose))

    def table(self) -> dict[str, dict[str, str]]:
        """Every name by kind and purpose, but those of projects: what Terraform is given."""
        table: dict[str, dict[str, str]] = {}
        for each in self.derived():
            if not each.resource.project:
                table.setdefault(each.resource.kind, {})[each.resource.purpose] = each.name
        return table

    def parameters(self) -> dict[str, str]:
        """The path of every parameter of this environment, by its key."""
        return {each.key: self.parameter(each.key) for each in PARAMETERS if self._has(each.where)}

    def s1_parameters(self) -> dict[str, str]:
        """The names under which S1-made code finds what it reads, by our key."""
        found = {
            each.key: each.s1.format(env=self.environment)
            for each in PARAMETERS
            if each.s1 and self._has(each.where)
        }
        return {**found, **S1_ACCOUNTS} if self.first else found
