"""Define ``ackord certify``, the main command."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from ..run.options.run_options import RunOptions
from .certificate_wish import CertificateWish, Level, Nonce, Sign, Subject, ValidFor
from .exit_codes import EXIT_CODES
from .interrupt import interruptible
from .options import AsJson, Quiet, Verbose, with_run_options

__all__ = ["register"]


@with_run_options(
    "target", "profiles", "require", "flaw", "budget", "time_limit", "seed", "out", "inject", "ca", "remote",
    "production", "allow_hooks", "toxiproxy", "callback_port", "postgres_bin", "openapi", "openapi_strict",
    "repeats", "fail_fast", "shard", "provider_version",
)  # fmt: skip
def certify(
    contract: Annotated[
        str, typer.Argument(help="A contract: a name such as `reference`, or the path of a YAML file.")
    ] = "reference",
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    level: Level = "",
    sign: Sign = None,
    subject: Subject = None,
    nonce: Nonce = "",
    valid_for: ValidFor = "90d",
    *,
    options: RunOptions,
) -> None:
    """Judge a provider: run workloads through chaos and say for each guarantee whether it held."""
    from ..run.evidence import clear_evidence
    from ..run.resolve import make_plan
    from ..run.session import Session
    from .terminal_output import ENDED, TerminalOutput

    output = TerminalOutput(quiet=quiet, verbose=verbose, as_json=as_json)
    wish = CertificateWish(level, sign, subject, nonce, valid_for)
    plan = wish.planned(make_plan(wish.run_options(replace(options, contract=contract))))
    clear_evidence(plan.out, keep=plan.contract.path)
    display = output.progress([p.name for p in plan.profiles])
    session = Session(plan, display.update)
    with (
        interruptible(f"{ENDED}; the journals so far are in {plan.out}"),
        output.reported(plan.out, session.cut_short),
        output.apart(),
        display,
        session,
    ):
        result = session.run_all()
    with wish.at_the_end(result, plan):
        output.end(result, plan.out)


def register(app: typer.Typer) -> None:
    app.command(epilog=EXIT_CODES)(certify)
