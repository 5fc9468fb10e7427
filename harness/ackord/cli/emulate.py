"""Defines ``ackord emulate``, which serves a contract as a provider, to develop and test against."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from ..run.options.run_options import RunOptions
from .interrupt import interruptible
from .options import with_run_options

__all__ = ["register"]


@with_run_options("port", "toxiproxy", "postgres_bin", "allow_hooks")
def emulate(
    contract: Annotated[
        str, typer.Argument(help="A contract: a name (`ackord contract list`), or the path of a YAML file.")
    ],
    flaw: Annotated[str, typer.Option(help="A flaw or variant of the service behind it (`ackord flaw list`).")] = "",
    profile: Annotated[str, typer.Option(help="A chaos profile whose faults are armed as long as it stands.")] = "none",
    seed: Annotated[int, typer.Option(help="The seed of every keyed decision.", min=0)] = 1,
    *,
    options: RunOptions,
) -> None:
    """Serve a contract as a stateful provider over PostgreSQL primary and standby, behind the gateway, until Ctrl-C.

    It proves that a merchant's code and a contract fit together. It proves nothing about the provider whose contract it
    is.
    """
    from ..contract.emulate.credentials import credentials
    from ..run.resolve import make_plan
    from ..run.serve import serve_provider

    plan = make_plan(replace(options, contract=contract, target="emulator", flaw=flaw, profiles=[profile], seed=seed))

    def announce(address: str, direct: str, description: str) -> None:
        print(f"{description}, under the profile {profile}", flush=True)
        print(f"through the gateway: {address}", flush=True)
        print(f"directly:            {direct}", flush=True)
        for line in credentials(plan.contract):
            print(line, flush=True)
        print("Ctrl-C ends it.", flush=True)

    with interruptible("the emulator is gone"):
        serve_provider(plan, announce)


def register(app: typer.Typer) -> None:
    app.command()(emulate)
