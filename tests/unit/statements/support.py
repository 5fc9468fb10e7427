"""Lines, partitions and pulls for the tests of statements."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ackord.contract.loading.loader import LoadedContract, load_contract
from ackord.core.clock import RealClock
from ackord.statements.lines import WHOLE, PartitionKey, StatementLine
from ackord.statements.outcomes import PullResult
from ackord.statements.partitions import accounts_of, days_of
from ackord.statements.pull import PullOptions, pull_statements
from ackord.statements.store import Landing, StatementStore
from ackord.statements.store_views import open_store
from tests.statement_provider import StatementProvider, contract_text

DAY = date(2026, 11, 28)
DAY_S = 1_795_824_000
"""When it begins, in UTC."""
CSV = """\
request: {method: GET, path: /bill, query: {day: "${period.from:%Y-%m-%d}", account: "${account.id}"}}
csv: {}
columns: {movement_id: Id, order_no: Order, amount: Amount, kind: Kind, at: At}
time_form: "%Y-%m-%d %H:%M:%S"
"""


def key(account: str = "main", partition: str = WHOLE) -> PartitionKey:
    return PartitionKey(account, DAY, partition)


def line(number: int, amount: int = 100, **changes: object) -> StatementLine:
    found = StatementLine(
        f"l{number}", f"N-{number}", "", "payout", "out", amount, "EUR", None, "", DAY_S * 1_000_000, f"raw {number} {amount}"
    )  # fmt: skip
    return found._replace(**changes)  # type: ignore[arg-type]


def landed(store: StatementStore, lines: Sequence[StatementLine], of: PartitionKey | None = None) -> Landing:
    with store.stage(of or key()) as staged:
        staged.add(lines)
        return staged.land(source_sha256="00", landed_at="2026-11-29T10:00:00Z")


def loaded(folder: Path, statement: str) -> LoadedContract:
    """A contract with this statement."""
    path = folder / "contract.yaml"
    path.write_text(contract_text(statement), encoding="utf-8")
    return load_contract(path)


def pulled(
    provider: StatementProvider, folder: Path, accounts: str = "", day: str = "2026-11-28", jobs: int = 4
) -> PullResult:
    """Pull from a provider into a store."""
    contract = provider.loaded.contract
    store = StatementStore(folder, contract.provider)
    try:
        options = PullOptions(days_of(day), accounts_of(contract, accounts), provider.url, jobs, pause=at_once)
        return asyncio.run(pull_statements(provider.loaded, store, options, RealClock()))
    finally:
        store.close()


async def at_once(pause_s: float) -> None:
    """Wait no longer than for the others."""
    await asyncio.sleep(0)


def current(folder: Path, columns: str = "account, order_no, amount_minor, direction") -> list[tuple[object, ...]]:
    """The lines that are valid now, sorted."""
    connection = open_store(folder)
    try:
        return sorted(connection.execute(f"SELECT {columns} FROM current").fetchall(), key=repr)
    finally:
        connection.close()


def stated(provider: StatementProvider, *accounts: str, day_s: int = DAY_S) -> list[tuple[object, ...]]:
    """What ``current`` is to hold."""
    found: list[tuple[object, ...]] = []
    for account in accounts or ("main",):
        book = provider.books.get(account, provider.book)
        found += [
            (account, m.order_no, m.amount, "out" if m.kind == "payout" else "in")
            for m in book.movements(account, day_s, day_s + 86_400)
        ]
    return sorted(found, key=repr)
