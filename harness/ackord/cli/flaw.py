"""Defines ``ackord flaw``: the flaws of the reference provider, which prove that Ackord detects what it claims to
detect.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .interrupt import interruptible

__all__ = ["register"]

group = typer.Typer(help="Flaws of the reference provider: list, grid.", no_args_is_help=True)


@group.command("list")
def list_flaws() -> None:
    """Name and explain every flaw, and the correct variants."""
    from rich.console import Console

    from ..providers.flaws import FLAWS
    from .listing import print_entry

    console = Console()
    for heading, correct in (("Flaws", False), ("Correct variants: they must pass everywhere", True)):
        console.rule(heading, align="left")
        for flaw in FLAWS:
            if flaw.correct == correct:
                caught = [] if correct else [f"caught by {flaw.caught_by}, under the profile {flaw.profile}"]
                print_entry(console, flaw.name, flaw.title, [flaw.story, *caught])


@group.command("grid")
def grid(
    seeds: Annotated[int, typer.Option(help="How many seeds of each flaw and variant.", min=1)] = 20,
    first_seed: Annotated[int, typer.Option(help="The first seed.", min=0)] = 1,
    only: Annotated[
        list[str] | None, typer.Option("--flaw", help="Only this flaw or variant; may be repeated.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Runs side by side.", min=1)] = 2,
    out: Annotated[
        Path, typer.Option(help="Folder of the results; a grid that was cut off goes on from what is there.")
    ] = Path("ackord-out/grid"),
) -> None:
    """Run every flaw under its profile, and every correct variant under all profiles, with many
    seeds; print the table.
    """
    from rich.console import Console

    from ..run.flaw_matrix import run_flaw_matrix

    with interruptible(f"what is done is kept in {out}; the same command goes on from there"):
        raise typer.Exit(
            run_flaw_matrix(Console(), seeds=seeds, first_seed=first_seed, only=only or [], jobs=jobs, out=out)
        )


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="flaw")
