"""Defines ``ackord profile``: list and check chaos profiles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]

group = typer.Typer(help="Chaos profiles: list, check.", no_args_is_help=True)


@group.command("list")
def list_profiles() -> None:
    """List the profiles that come with Ackord: the incident each stands for, what it needs, what it can expose."""
    from rich.console import Console

    from ..chaos.profile import profile_names
    from ..run.resolve import load_profile
    from .listing import print_entry

    console = Console()
    for name in profile_names():
        profile = load_profile(name)
        faults = ", ".join(dict.fromkeys(fault.fault for fault in profile.faults)) or "none"
        needs = ", ".join(profile.needs()) or "nothing but the edge"
        paragraphs = [
            profile.incident,
            f"faults: {faults}; needs: {needs}",
            f"can expose: {', '.join(profile.exposes)}",
        ]
        print_entry(
            console, profile.name, "" if profile.default else "only when it is named, or with --profile all", paragraphs
        )


@group.command("check")
def check(files: Annotated[list[Path], typer.Argument(help="Profile files.")]) -> None:
    """Check profile files; the first mistake is told with its line."""
    from ..run.resolve import load_profile

    for file in files:
        print(f"{file}: {load_profile(file).name}: all is well")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="profile")
