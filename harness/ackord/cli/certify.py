"""Define ``ackord certify``, the main command."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer

from ..run.options.run_options import RunOptions
from .interrupt import interruptible
from .options import with_run_options

__all__ = ["register"]

ENDED = "every fault was taken back, nothing is left running"


@with_run_options(
    "target", "profiles", "require", "flaw", "budget", "time_limit", "seed", "out", "inject", "ca", "remote",
    "production", "allow_hooks", "toxiproxy", "callback_port", "postgres_bin", "openapi", "openapi_strict",
)  # fmt: skip
def certify(
    contract: Annotated[
        str, typer.Argument(help="A contract: a name such as `reference`, or the path of a YAML file.")
    ] = "reference",
    *,
    options: RunOptions,
) -> None:
    """Judge a provider: run workloads through chaos and say for each guarantee whether it held."""
    from rich.console import Console

    from ..report import write_all
    from ..report.console import ProgressDisplay, print_campaign
    from ..run.evidence import clear_evidence
    from ..run.resolve import make_plan
    from ..run.session import Session

    plan = make_plan(replace(options, contract=contract))
    clear_evidence(plan.out, keep=plan.contract.path)
    console = Console()
    with (
        interruptible(f"{ENDED}; the journals so far are in {plan.out}"),
        ProgressDisplay(console, [p.name for p in plan.profiles]) as display,
        Session(plan, display.update) as session,
    ):
        result = session.run_all()
    write_all(result, plan.out)
    print_campaign(console, result)
    if result.ended_by:
        said = f"interrupted; {ENDED}" if result.interrupted else result.failure
        print(f"ackord: {said}", file=sys.stderr)
    raise typer.Exit(result.exit_code)


def register(app: typer.Typer) -> None:
    app.command()(certify)
