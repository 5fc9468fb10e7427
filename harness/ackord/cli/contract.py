"""Defines ``ackord contract``: check, list, explain and draft provider contracts."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..run.options.run_options import RunOptions
from .options import with_run_options

if TYPE_CHECKING:
    from ..run.contract_check.probe_client import CheckStep

__all__ = ["register"]

_TODOS_SHOWN = 10
_OUTCOMES = {
    0: "all is well",
    1: "WRONG: the provider does not do what the contract promises",
    2: "WRONG: the contract does not fit the provider",
}
"""The last line of a check, by its exit code."""

group = typer.Typer(help="Provider contracts: new, check, explain, list, schema.", no_args_is_help=True)


@group.command("check")
@with_run_options("ca", "postgres_bin", "production", "allow_hosts", "allow_hooks")
def check(
    files: Annotated[list[str], typer.Argument(help="Contracts: names, or paths of YAML files.")],
    target: Annotated[
        str,
        typer.Option(
            help="What the contract is tried on: `reference`, `emulator`, or an address of this machine. Default: "
            "the contract's base_url, if it is of this machine or allowed."
        ),
    ] = "",
    smoke: Annotated[
        bool, typer.Option("--smoke/--no-smoke", help="--no-smoke checks the files alone and sends nothing.")
    ] = True,
    *,
    options: RunOptions,
) -> None:
    """Check contract files: the first mistake is told with its line. With a target at hand a few requests tell a wrong
    contract from a wrong provider.

    Exit codes: 0 all is well · 2 a contract is wrong · 1 the provider broke its promise · 4 it cannot be reached.
    """
    from ..contract.loading.loader import PlaceholderEnv, load_contract
    from ..run.contract_check.cli import check_exit_code, described
    from ..run.resolve import document_of

    code = 0
    for file in files:
        # What is only read, or served by our own emulator, needs no secrets.
        env = PlaceholderEnv() if target == "emulator" else None if smoke else PlaceholderEnv(os.environ)
        loaded = load_contract(file, env=env)
        document_of(loaded)
        named = f"{file}: {loaded.contract.provider}"
        wanted = replace(options, contract=str(file), target=target, profiles=["none"])
        steps = _tried(wanted, loaded.contract.address or "") if smoke else []
        for line in described(loaded, steps):
            print(line)
        todo = open_todos(loaded.path)
        for number in todo[:_TODOS_SHOWN]:
            print(f"{loaded.path}:{number}: a TODO is open")
        outcome = check_exit_code(steps)
        said = _OUTCOMES[outcome] if steps else "the file is as it should be; nothing was sent"
        print(f"{named}: {said}{f'; open TODOs: {len(todo)}' if todo else ''}")
        code = max(code, outcome)
    raise typer.Exit(code)


def open_todos(path: Path) -> list[int]:
    """Return the lines of a file on which a draft says TODO, from 1."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if re.search(r"\bTODO\b", line)]


def _tried(options: RunOptions, base_url: str) -> list[CheckStep]:
    """The steps of the smoke run; none where there is nothing to try it on."""
    from ..run.contract_check.cli import is_near_url, run_contract_check
    from ..run.resolve import make_plan

    if not options.target and not is_near_url(base_url, options.allow_hosts):
        return []
    return run_contract_check(make_plan(options))


@group.command("list")
def list_() -> None:
    """The contracts that come with Ackord."""
    from rich.console import Console

    from ..contract.loading.loader import PlaceholderEnv, contract_names, load_contract
    from .listing import print_entry

    console = Console()
    for name in contract_names("contracts"):
        contract = load_contract(name, env=PlaceholderEnv()).contract
        where = contract.base_url or (
            "started by Ackord" if name == "reference" else "an address of one's own (--target)"
        )
        print_entry(console, name, contract.about, [f"{where}; {len(contract.undocumented)} open questions"])


@group.command("explain")
def explain(
    contract: Annotated[str, typer.Argument(help="A contract: a name, or the path of a YAML file.")],
) -> None:
    """Say in plain words what a contract promises and leaves open, which merchants are safe with it, and whether its
    times fit together.
    """
    from ..contract.loading.loader import PlaceholderEnv, load_contract
    from ..report.contract_summary import explain_contract

    print(explain_contract(load_contract(contract, env=PlaceholderEnv())), end="")


@group.command("new")
def new(
    openapi: Annotated[
        Path | None, typer.Option(help="An OpenAPI document, version 2 (Swagger) or 3, JSON or YAML.")
    ] = None,
    curl: Annotated[
        Path | None,
        typer.Option(
            help="A file with a curl command of a submit and one of a query, each perhaps followed by its answer "
            "in JSON."
        ),
    ] = None,
    har: Annotated[Path | None, typer.Option(help="A HAR file with a submit and a query in it.")] = None,
    postman: Annotated[
        Path | None, typer.Option(help="A Postman collection (v2.1) with a submit and a query in it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write. Default: standard output.")] = None,
) -> None:
    """Write a draft of a contract, from the first of these that is given; at a terminal, without any, from a few
    questions.
    """
    from ..contract.drafting.draft import draft
    from ..errors import FileError
    from ..run.draft_input import draft_input_of
    from .prompts import ask

    text = draft(draft_input_of(openapi=openapi, curl=curl, har=har, postman=postman, ask=ask))
    if out is None:
        print(text, end="")
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise FileError(
            out, None, f"the draft cannot be written: {error.strerror}", mend="give another --out"
        ) from error
    print(f"{out}: a draft. Look at every TODO in it, then: ackord contract check {out} --target ADDRESS")


@group.command("schema")
def schema() -> None:
    """Print the JSON Schema of contracts, for editors."""
    from ..contract.docs.json_schema import json_schema

    print(json.dumps(json_schema(), indent=2))


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="contract")
