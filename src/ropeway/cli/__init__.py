"""The command line. Subcommands are imported when they are used: ``ropeway --help`` stays light."""

from __future__ import annotations

from ropeway.cli.lazy import Root

__all__ = ["main", "root"]

COMMANDS = {
    "init": ("ropeway.cli.init:init", "Write a new ropeway.yaml, the description of a platform."),
    "validate": ("ropeway.cli.validate:validate", "Check the platform's description."),
    "bootstrap": ("ropeway.cli.bootstrap:bootstrap", "Prepare an account for Terraform and CI."),
    "infra": ("ropeway.cli.infra:infra", "Plan, apply and destroy the platform by Terraform."),
    "schema": ("ropeway.cli.schema:schema", "Print the JSON Schema of ropeway.yaml."),
    "demo": ("ropeway.cli.demo:demo", "Run the whole lifecycle on a sandbox, from raw data to predictions."),
    "sandbox": ("ropeway.cli.sandbox:sandbox", "Start, stop and use the AWS endpoint on this machine."),
    "pipeline": ("ropeway.cli.pipeline:pipeline", "Define, run and follow SageMaker pipelines."),
    "job": ("ropeway.cli.job:job", "List, show and stop jobs, and print their logs."),
    "monitor": ("ropeway.cli.monitor:monitor", "Find drift: compare data with a baseline."),
    "model": ("ropeway.cli.model:model", "List, show, approve and reject registered models."),
}

root = Root(
    name="ropeway",
    table=COMMANDS,
    help="MLOps for Amazon SageMaker. Everything acts on the sandbox unless --on aws says otherwise.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def main() -> None:
    """The entry point ``ropeway``."""
    root.main(prog_name="ropeway")
