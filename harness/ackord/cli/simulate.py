"""Defines ``ackord simulate``: which merchant's policy survives which trouble, in virtual time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


_Contract = Annotated[
    str,
    typer.Argument(
        help="The provider's contract: a name, or the path of a YAML file. Left out: a provider whose queries are "
        "served by a lagging replica."
    ),
]
_Policies = Annotated[
    list[str] | None,
    typer.Option("--policies", help="Policies: names, YAML files, or `all` (`ackord policy list`). Repeatable."),
]
_Profiles = Annotated[
    list[str] | None, typer.Option("--profiles", help="Chaos profiles: names, YAML files, or `all`. Repeatable.")
]
_Measured = Annotated[
    Path | None,
    typer.Option("--from", help="A result.json: the provider's landing and its resubmissions are as measured."),
]
_Orders = Annotated[int, typer.Option(help="Orders in each cell.", min=1, max=10000000)]
_MostOrders = Annotated[int, typer.Option(help="Up to how many a cell grows in which a double payment is rare.", min=1)]
_Outage = Annotated[str, typer.Option(help="How long the faults last.")]
_Seed = Annotated[int, typer.Option(help="The seed of every decision.", min=0)]
_Recommend = Annotated[
    bool, typer.Option("--recommend", help="Say which policy is the cheapest safe one, and which buffer it takes.")
]
_Check = Annotated[bool, typer.Option("--check", help="Exit with 1 if a chosen policy pays anything twice.")]
_Details = Annotated[bool, typer.Option("--details", help="Print every cell.")]
_Out = Annotated[
    Path | None, typer.Option(help="Folder for simulation.json, .md, .svg and .png. Default: none are written.")
]


def simulate(
    contract: _Contract = "",
    policies: _Policies = None,
    profiles: _Profiles = None,
    measured: _Measured = None,
    orders: _Orders = 10_000,
    most_orders: _MostOrders = 100_000,
    outage: _Outage = "60s",
    seed: _Seed = 1,
    recommend: _Recommend = False,
    check: _Check = False,
    details: _Details = False,
    out: _Out = None,
) -> None:
    """Play merchants' policies against chaos profiles in virtual time: double payments, stuck orders, time and calls.

    The policies are the state machines that run live; the faults are the gateway's own. Nothing is sent anywhere.
    """
    import sys

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from ..run.policy_simulation import SimulationOptions, plan_simulation
    from ..simulation.merchants.grid_heat_map import require_matplotlib
    from ..simulation.merchants.grid_report import print_grid

    if out is not None:
        require_matplotlib()  # said before the work, not after it
    plan = plan_simulation(
        SimulationOptions(
            contract,
            tuple(policies or ["all"]),
            tuple(profiles or ["all"]),
            measured,
            orders,
            most_orders,
            outage,
            seed,
        )
    )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task("simulating", total=plan.cells)
        grid = plan.play(lambda cell: progress.advance(task))
        advice = plan.advise(grid) if recommend else []
    console = Console()
    for line in plan.remarks(details=details):
        console.print(line)
    print_grid(console, grid, details=details)
    for line in advice:
        console.print(line)
    if out is not None:
        for path in plan.write(grid, advice, out):
            print(path)
    paid_twice = [cell for cell in grid.cells.values() if cell.paid_twice]
    if check and paid_twice:
        guilty = ", ".join(dict.fromkeys(cell.policy for cell in paid_twice))
        print(f"ackord: --check: paid something twice: {guilty}. Exit code 1.", file=sys.stderr)
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    app.command()(simulate)
