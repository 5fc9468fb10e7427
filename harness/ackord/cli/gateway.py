"""Defines ``ackord gateway``, a standing proxy in front of a provider, with a profile's faults in force."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..run.options.run_options import RunOptions
from .options import with_run_options

if TYPE_CHECKING:
    from ..run.environments.merchant_access import MerchantAccess

__all__ = ["register"]


@with_run_options(
    "port", "tls", "proxy_host", "ca", "remote", "allow_hosts", "production", "allow_hooks", "postgres_bin"
)
def gateway(
    contract: Annotated[
        str, typer.Option("--contract", help="The provider's contract: a name, or the path of a YAML file.")
    ],
    profile: Annotated[
        str, typer.Option(help="A chaos profile, by name or path, whose faults are in force as long as it stands.")
    ],
    upstream: Annotated[
        str,
        typer.Option(
            help="The provider: an address on this machine, the contract's own sandbox, with --remote another one, or "
            "`reference` or `emulator`. Default: the contract's base_url or first node, or reference."
        ),
    ] = "",
    record: Annotated[
        Path | None, typer.Option(help="Write the journal of all calls to this file, which `ackord audit` judges.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of every keyed decision.", min=0)] = 1,
    *,
    options: RunOptions,
) -> None:
    """Stand between a merchant and a provider with a profile's faults in force, until Ctrl-C (exit code 0): send your
    client there by hand, in a browser, or in an environment of your own. A terminal shows live what passes; elsewhere
    each request is a line.
    """
    from rich.console import Console

    from ..core.clock import RealClock
    from ..drill.intent_field import intent_reader
    from ..report.gateway_display import GatewayDisplay
    from ..report.gateway_tally import GatewayTally
    from ..run.standing_gateway import StandingGateway, gateway_plan

    asked = replace(options, contract=contract, target=upstream, profiles=[profile], seed=seed)
    plan = gateway_plan(asked)
    assert plan.drill is not None
    standing = StandingGateway(plan, record, intent_reader(plan.contract.contract, plan.drill.intent))
    console = Console(soft_wrap=not sys.stdout.isatty())
    head = f"{standing.plan.contract.contract.provider} under {standing.profile.name}, seed {seed}"
    with GatewayDisplay(console, GatewayTally(standing.plan.contract), head, RealClock.now_ns) as display:

        def announce(access: MerchantAccess, description: str) -> None:
            lines = [f"{description}, under the profile {standing.profile.name}", f"through the gateway: {access.url}"]
            if access.proxy_url:
                lines.append(f"proxy for {options.proxy_host} alone: {access.proxy_url}")
            lines += [f"export {name}='{value}'" for name, value in access.variables.items()]
            if standing.caution:
                lines.append(f"note: {standing.caution}")
            console.print("\n".join([*lines, "Ctrl-C ends it."]), markup=False, highlight=False, soft_wrap=True)

        standing.serve(display.take, announce)
    recorded = f"; the journal is {record}" if record is not None else ""
    console.print(f"ended, every fault was taken back: {display.summary()}{recorded}", highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    app.command()(gateway)
