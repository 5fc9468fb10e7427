"""Defines ``ackord replay``, which plays one order of a run again, and ``ackord scenario``, about its files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..run.options.run_options import RunOptions
from .interrupt import interruptible
from .options import Quiet, with_run_options

__all__ = ["register"]

_ENDS = """Exit codes: 0 the guarantee held in every play · 1 it was broken at least once · 2 the input is wrong ·
3 it was not put to the test in every play · 4 the environment failed · 130 interrupted."""


@with_run_options(
    "target", "flaw", "seed", "out", "ca", "remote", "production", "allow_hooks", "toxiproxy", "callback_port",
    "postgres_bin", "openapi", "openapi_strict",
)  # fmt: skip
def replay(
    source: Annotated[
        Path,
        typer.Argument(metavar="DIR_OR_SCENARIO", help="The evidence folder of a run, or a scenario, a YAML file."),
    ],
    order: Annotated[
        str,
        typer.Option(help="The order number, as a finding names it. Default: the one with the shortest story."),
    ] = "",
    guarantee: Annotated[
        str, typer.Option(help="Which guarantee is to break. Default: the first that the order broke.")
    ] = "",
    times: Annotated[int, typer.Option(help="How often it is played to confirm it.", min=1, max=1000)] = 10,
    shrink: Annotated[
        bool, typer.Option("--shrink/--no-shrink", help="Search for a smaller scenario that breaks it too.")
    ] = True,
    shrink_plays: Annotated[int, typer.Option(help="The search plays at most so often.", min=1)] = 120,
    shrink_time: Annotated[str, typer.Option(help="The search takes at most so long, such as 90s or 5m.")] = "2m",
    pytest: Annotated[
        Path | None,
        typer.Option(help="Write a pytest file that fails as long as the guarantee is broken."),
    ] = None,
    contract: Annotated[
        str, typer.Option(help="The contract, a name or a path. Default: that of the run, or of the scenario.")
    ] = "",
    quiet: Quiet = False,
    *,
    options: RunOptions,
) -> None:
    """Play one order of a run again, with a new number: its operations, the faults that touched it, and their times.
    Say how often it breaks the guarantee again, search for the smallest scenario that does, and write it as a test.
    """
    from ..replay.player import Player
    from ..replay.replay import ReplaySettings, bound_of, clear_replay, replay_plan, scenario_of
    from ..replay.replay import replay as replayed
    from .replay_output import ReplayOutput

    settings = ReplaySettings(times, shrink, bound_of(shrink_plays, shrink_time), pytest, source.is_dir())
    scenario = scenario_of(source, options, number=order, guarantee=guarantee, contract=contract)
    plan = replay_plan(scenario, options)
    clear_replay(plan.out, keep=source)
    output = ReplayOutput(quiet=quiet)
    player = Player(plan, output.played)
    with interruptible(f"every fault was taken back; the plays so far are in {plan.out}"), player:
        result = replayed(player, scenario, plan.out, settings)
    output.show(result, plan)
    raise typer.Exit(result.exit_code)


group = typer.Typer(help="Scenarios, the files of `ackord replay`: check, schema.", no_args_is_help=True)


@group.command("check")
def check(files: Annotated[list[Path], typer.Argument(help="Scenario files.")]) -> None:
    """Check scenario files; the first mistake is told with its line."""
    from ..replay.order_scenario import read_scenario

    for file in files:
        print(f"{file}: {read_scenario(file).size}: all is well")


@group.command("schema")
def schema() -> None:
    """Print the JSON Schema of scenarios, for editors."""
    import json

    from ..contract.docs.json_schema import schema_of
    from ..replay.order_scenario import OrderScenario

    print(json.dumps(schema_of(OrderScenario, "Ackord scenario of one order"), indent=2))


def register(app: typer.Typer) -> None:
    app.command(epilog=_ENDS)(replay)
    app.add_typer(group, name="scenario")
