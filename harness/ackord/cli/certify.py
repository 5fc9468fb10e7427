"""Defines ``ackord certify``, which judges a provider under chaos profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .interrupt import interruptible
from .options import CallbackPort, CertificateAuthority, OpenApi, OpenApiStrict, PostgresBin, Remote, Target, Toxiproxy

__all__ = ["register"]


def certify(
    contract: Annotated[
        str, typer.Argument(help="A contract: a name such as `reference`, or the path of a YAML file.")
    ] = "reference",
    target: Target = "",
    profile: Annotated[
        list[str] | None,
        typer.Option(
            help="A chaos profile, by name or path; may be repeated. Default: the default ones that the target "
            "allows; `all`: every one."
        ),
    ] = None,
    flaw: Annotated[str, typer.Option(help="A flaw or variant of the reference provider (`ackord flaw list`).")] = "",
    budget: Annotated[str, typer.Option(help="quick, standard or deep.")] = "quick",
    seed: Annotated[
        int | None,
        typer.Option(help="The seed of everything; default: a new one, which is printed.", min=0, max=2**63 - 1),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the evidence. Default: ackord-out/NAME-seedN.")] = None,
    inject: Annotated[
        bool,
        typer.Option(
            "--inject/--no-inject",
            help="--no-inject announces every fault and makes none: lag guarantees must then be INCONCLUSIVE.",
        ),
    ] = True,
    ca: CertificateAuthority = "",
    remote: Remote = False,
    toxiproxy: Toxiproxy = "",
    callback_port: CallbackPort = 0,
    postgres_bin: PostgresBin = "",
    openapi: OpenApi = "",
    openapi_strict: OpenApiStrict = False,
) -> None:
    """Judge a provider: run workloads through chaos and say for each guarantee whether it held."""
    from rich.console import Console

    from ..report import write_all
    from ..report.console import ProgressDisplay, print_campaign
    from ..run.resolve import make_plan
    from ..run.session import Session

    plan = make_plan(
        contract, target=target, profiles=profile or [], flaw=flaw, budget=budget, seed=seed, out=out,
        inject=inject, ca=ca, toxiproxy=toxiproxy, remote=remote, callback_port=callback_port,
        postgres_bin=postgres_bin, openapi=openapi, openapi_strict=openapi_strict,
    )  # fmt: skip
    console = Console()
    with (
        interruptible(f"every fault was taken back, nothing is left running; the journals so far are in {plan.out}"),
        ProgressDisplay(console, [p.name for p in plan.profiles]) as display,
        Session(plan, display.update) as session,
    ):
        result = session.run_all()
    write_all(result, plan.out)
    print_campaign(console, result)
    raise typer.Exit(result.exit_code)


def register(app: typer.Typer) -> None:
    app.command()(certify)
