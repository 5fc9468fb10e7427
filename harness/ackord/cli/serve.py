"""Defines ``ackord serve``, which starts the reference provider, to develop and test against."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from ..run.options.run_options import RunOptions
from .interrupt import interruptible
from .options import with_run_options

__all__ = ["register"]


@with_run_options("port", "toxiproxy", "postgres_bin")
def serve(
    flaw: Annotated[str, typer.Option(help="A flaw or variant (`ackord flaw list`).")] = "",
    profile: Annotated[str, typer.Option(help="A chaos profile whose faults are armed as long as it stands.")] = "none",
    seed: Annotated[int, typer.Option(help="The seed of every keyed decision.", min=0)] = 1,
    *,
    options: RunOptions,
) -> None:
    """Start the reference provider behind the gateway, with a profile's faults, until Ctrl-C."""
    from ..run.resolve import make_plan
    from ..run.serve import serve_provider

    plan = make_plan(replace(options, flaw=flaw, profiles=[profile], seed=seed))

    def announce(address: str, direct: str, description: str) -> None:
        print(f"{description}, under the profile {profile}", flush=True)
        print(f"through the gateway: {address}", flush=True)
        print(f"directly:            {direct}", flush=True)
        print(f"OpenAPI document:    {direct}/openapi.json", flush=True)
        print("keys: sk_main, sk_other (merchants), sk_operator (ledger). Ctrl-C ends it.", flush=True)

    with interruptible("the provider is gone"):
        serve_provider(plan, announce)


def register(app: typer.Typer) -> None:
    app.command()(serve)
