"""Defines ``ackord statement``, which pulls statements into a local store and shows what is in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .interrupt import interruptible

if TYPE_CHECKING:
    from ..statements.outcomes import PartitionOutcome, PullResult

__all__ = ["register"]

_EXIT_CODES = (
    "Exit codes: 0 all landed; 1 a statement contradicts itself or cannot be read; 2 your input is wrong; 3 not all is "
    "there yet; 4 the provider did not answer; 130 interrupted."
)
group = typer.Typer(help="Pull provider statements into a local store, completely and exactly.", no_args_is_help=True)
Store = Annotated[Path, typer.Option(help="The store's folder.")]


@group.command("pull", epilog=_EXIT_CODES)
def pull(
    contract: Annotated[
        str, typer.Argument(help="A contract: a name (`ackord contract list`), or the path of a YAML file.")
    ],
    date: Annotated[str, typer.Option("--date", help="The first day, such as 2026-11-28, in the statement's zone.")],
    to: Annotated[str, typer.Option("--to", help="The last day. Default: --date.")] = "",
    accounts: Annotated[
        str,
        typer.Option(
            help="Accounts of the contract, or identifiers that its request names (${account.id}), with commas "
            "between, or @FILE with one a line. Default: the contract's owner."
        ),
    ] = "",
    store: Store = Path("statements"),
    target: Annotated[str, typer.Option(help="The provider's address. Default: the contract's.")] = "",
    jobs: Annotated[int, typer.Option(help="Partitions that are fetched at the same time.", min=1, max=64)] = 4,
    ca: Annotated[str, typer.Option(help="PEM file of the authority behind an https target.", envvar="ACKORD_CA")] = "",
    verify: Annotated[
        bool, typer.Option("--verify", help="Read the whole store again and compare it with its catalogue.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome of every partition as JSON.")] = False,
) -> None:
    """Pull the statements of accounts and days. Each partition (account, day, part) lands all or nothing; pull again
    to resume: what landed is not landed twice, and a changed statement becomes a new version.
    """
    import asyncio

    from ..contract.loading.loader import load_contract
    from ..core.clock import RealClock
    from ..statements.partitions import accounts_of, days_of, statement_of
    from ..statements.pull import PullOptions, provider_address, pull_statements
    from ..statements.pull_progress import PullProgress
    from ..statements.store import StatementStore

    days = days_of(date, to)
    loaded = load_contract(contract)
    part = statement_of(loaded)
    asked = accounts_of(loaded.contract, accounts)
    if not part.request.host:
        provider_address(loaded, target)
    open_store = StatementStore(store, loaded.contract.provider)
    clock = RealClock()
    progress = PullProgress(len(days) * len(asked) * max(1, len(part.parts)), clock, sys.stderr)
    try:
        with interruptible("what landed is whole; pull again to go on"):
            result = asyncio.run(
                pull_statements(loaded, open_store, PullOptions(days, asked, target, jobs, ca), clock, progress.took)
            )
    finally:
        open_store.close()
    progress.end(result)
    damaged = _damaged(store) if verify else []
    if as_json:
        print(json.dumps(_document(result, damaged), indent=2))
    else:
        _print_outcomes(result)
    for problem in damaged:
        print(f"{store}: {problem}", file=sys.stderr)
    raise typer.Exit(result.exit_code if not damaged else 1)


@group.command("show")
def show(
    store: Annotated[Path, typer.Argument(help="The store's folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show a store's partitions with their versions, and the totals by account and kind."""
    from ..statements.store_summary import summary_of

    summary = summary_of(store)
    print(json.dumps(summary.document(), indent=2) if as_json else summary.text())


def _damaged(store: Path) -> list[str]:
    from ..statements.verification import damaged_versions

    return list(damaged_versions(store))


def _document(result: PullResult, damaged: list[str]) -> dict[str, Any]:
    return {
        "exit_code": result.exit_code if not damaged else 1,
        "rows": result.rows,
        "duration_s": round(result.duration_s, 3),
        "damaged": damaged,
        "partitions": [_outcome(one) for one in result.outcomes],
    }


def _outcome(one: PartitionOutcome) -> dict[str, Any]:
    found = {**one._asdict(), **one.key._asdict()}
    found["day"] = one.key.day.isoformat()
    del found["key"]
    return found


def _print_outcomes(result: PullResult) -> None:
    """Print what is not as usual, each in a line."""
    for one in result.outcomes:
        if one.problem:
            print(f"{one.key}: {one.state}: {one.problem}")
        elif one.version > 1 and one.state == "landed":
            print(f"{one.key}: version {one.version}: {one.added:,} lines came, {one.removed:,} are gone")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="statement")
