"""Defines ``ackord policy``: list merchants' policies, and check files of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]

group = typer.Typer(help="Merchants' policies: list, check, schema.", no_args_is_help=True)


@group.command("list")
def list_policies() -> None:
    """List the policies that come with Ackord."""
    from rich.console import Console

    from ..merchant.presets import PRESETS
    from .listing import print_entry

    console = Console()
    for policy in PRESETS:
        settings = policy.model_dump(mode="json", exclude={"name", "description", "source"})
        told = ", ".join(f"{name}: {_shown(value)}" for name, value in settings.items())
        paragraphs = [policy.description, told, *([f"source: {policy.source}"] if policy.source else [])]
        print_entry(console, policy.name, "", paragraphs)


def _shown(value: object) -> str:
    """A setting as its file has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_shown(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


@group.command("check")
def check(files: Annotated[list[Path], typer.Argument(help="Files of policies.")]) -> None:
    """Check files of policies; the first mistake is told with its line."""
    from ..merchant.presets import policies_of

    for file in files:
        print(f"{file}: {', '.join(policy.name for policy in policies_of([str(file)]))}: all is well")


@group.command("schema")
def schema() -> None:
    """Print the JSON Schema of a file of policies, for editors."""
    import json

    from ..merchant.presets import PolicyFile

    print(json.dumps(PolicyFile.model_json_schema(), indent=2))


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="policy")
