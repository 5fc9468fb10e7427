"""``ackord contract``: provider contracts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]

group = typer.Typer(help="Provider contracts: explain, check, list, schema.", no_args_is_help=True)


@group.command("check")
def check(files: Annotated[list[Path], typer.Argument(help="Contract files.")]) -> None:
    """Check contract files; the first mistake is told with its line."""
    from ..contract.find import load

    for file in files:
        print(f"{file}: {load(file).contract.provider}: all is well")


@group.command("list")
def list_() -> None:
    """The contracts that come with Ackord."""
    from rich.console import Console

    from ..contract.find import StandIns, load, names
    from .listing import print_entry

    console = Console()
    for name in names("contracts"):
        contract = load(name, env=StandIns()).contract
        where = contract.base_url or "started by Ackord"
        print_entry(console, name, contract.about, [f"{where}; {len(contract.unknown)} open questions"])


@group.command("explain")
def explain(
    contract: Annotated[str, typer.Argument(help="A contract: a name, or the path of a YAML file.")],
) -> None:
    """Say in plain words what a contract promises and leaves open, which merchants are safe with it, and whether its times fit together."""
    from ..contract.find import StandIns, load
    from ..report.contract_words import explain_contract

    print(explain_contract(load(contract, env=StandIns())), end="")


@group.command("schema")
def schema() -> None:
    """Print the JSON Schema of contracts, for editors."""
    from ..contract.schema import json_schema

    print(json.dumps(json_schema(), indent=2))


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="contract")
