"""Defines ``ackord drill``, which judges a merchant's own code."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from ..run.options.run_options import RunOptions
from .exit_codes import EXIT_CODES
from .interrupt import interruptible
from .options import AsJson, Quiet, Verbose, with_run_options

__all__ = ["register"]


_Contract = Annotated[
    str, typer.Argument(help="The provider's contract: a name such as `reference`, or the path of a YAML file.")
]
_Command = Annotated[
    list[str],
    typer.Argument(help="The merchant's command and its arguments, after `--`. Any program in any language."),
]
_Variables = Annotated[
    list[str] | None,
    typer.Option(
        help="A further variable that tells the command the provider's address, besides ACKORD_PROVIDER_URL; may be "
        "repeated."
    ),
]
_Intent = Annotated[
    str,
    typer.Option(
        help="The place in a submit's body that names the payable thing, such as $.invoice. Default: the contract's "
        "`drill.intent`, or else payee, amount and currency."
    ),
]
_IntentWindow = Annotated[
    str, typer.Option(help="Without --intent: how long the same payee and amount mean the same thing.")
]
_ReportPattern = Annotated[
    str,
    typer.Option(
        help="A regular expression over the command's output, with the named groups order (or intent) and outcome "
        "(paid, failed, open): what the merchant takes a payment for. It may also POST JSON to ACKORD_REPORT_URL."
    ),
]
_VerifyCommand = Annotated[
    str,
    typer.Option(
        help="A command that looks into the merchant's own books after the run and prints JSON lines: order or intent, "
        "outcome, payments (how many)."
    ),
]
_CallbackTo = Annotated[
    str,
    typer.Option(
        help="Where the merchant takes the provider's callbacks, such as http://127.0.0.1:8080/hooks: they are passed "
        "on to there. The merchant gives the provider ACKORD_CALLBACK_URL."
    ),
]
_TimeLimit = Annotated[str, typer.Option(help="How long the command may run under each profile; then it is ended.")]


@with_run_options(
    "target", "profiles", "require", "flaw", "seed", "out", "ca", "remote", "allow_hosts", "production", "allow_hooks",
    "toxiproxy", "port", "callback_port", "postgres_bin", "tls", "proxy_host",
)  # fmt: skip
def drill(
    contract: _Contract,
    command: _Command,
    env: _Variables = None,
    intent: _Intent = "",
    intent_window: _IntentWindow = "10m",
    report_pattern: _ReportPattern = "",
    verify_cmd: _VerifyCommand = "",
    callback_to: _CallbackTo = "",
    time_limit: _TimeLimit = "10m",
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    *,
    options: RunOptions,
) -> None:
    """Judge a merchant: run its own command against a provider behind the gateway, under a profile's faults, and say
    from its calls whether it pays once, follows its payments to the end, and spares the provider.
    """
    from ..drill.drill import Drill, drill_plan
    from ..drill.settings import DrillSettings
    from ..run.evidence import begin_evidence
    from ..run.session import Session
    from .terminal_output import ENDED, TerminalOutput

    output = TerminalOutput(quiet=quiet, verbose=verbose, as_json=as_json)
    settings = DrillSettings(
        command=command,
        env=env or (),
        intent=intent,
        intent_window=intent_window,
        report_pattern=report_pattern,
        verify_cmd=verify_cmd,
        callback_to=callback_to,
        time_limit=time_limit,
    )
    plan = drill_plan(replace(options, contract=contract), settings)
    begin_evidence(plan.out, keep=plan.contract.path)
    session = Session(plan)
    drilled = Drill(session, settings, echo=not quiet)
    with (
        interruptible(f"{ENDED}; the journals so far are in {plan.out}"),
        output.reported(plan.out, drilled.cut_short),
        output.apart(),
        session,
    ):
        result = drilled.run_all()
    output.end(result, plan.out)


def register(app: typer.Typer) -> None:
    app.command(epilog=EXIT_CODES)(drill)
