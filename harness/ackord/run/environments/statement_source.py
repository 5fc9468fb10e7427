"""Reads the owner's statement of a run's time as movements of money, with the reader that pulls statements, too."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ...client.movement_record import record_movements
from ...client.movement_source import Concerns, MovementSource
from ...client.page_bounds import within_bounds
from ...client.page_reader import read_all_pages
from ...client.provider_client import ProviderClient
from ...client.transport import NoResponse
from ...contract.base.body_parsing import UnreadableBody
from ...contract.base.periods import Period
from ...contract.codec.codec import LedgerPage, LedgerRow, Payment
from ...statements.claims import check_claims
from ...statements.fetching import StatementFetcher
from ...statements.landing import PartitionLander
from ...statements.lines import WHOLE, PartitionKey, RunningSums, StatementLine
from ...statements.outcomes import LateStatement, UnreachableStatement
from ...statements.partitions import AskedAccount, PullPartition, accounts_of

__all__ = ["StatementSource"]

_SLACK_S = 60
"""How far the provider's clock may be from ours when a period is chosen."""
_MOVED = ("payout", "return", "refund")


class _AnyAccount(AskedAccount):
    """The owner, in whose statement lines of other accounts may stand: whose they are, they say."""

    @property
    def words(self) -> frozenset[str]:
        return frozenset()


@dataclass
class StatementSource(MovementSource):
    """The owner's statement of the run's time.

    ``from_s``: when the run began, in seconds since 1970. ``incomplete``: why what is missing in the statement proves
    nothing; empty if it can be whole by now.
    """

    client: ProviderClient
    fetcher: StatementFetcher
    from_s: int
    incomplete: str = ""

    def __post_init__(self) -> None:
        contract = self.client.codec.contract
        assert contract.statement is not None  # only then is there such a source
        self._statement, self._form = contract.statement, contract.statement.period_form()
        self._lander = PartitionLander(contract.statement, contract)
        owner = accounts_of(contract, "")[0]
        self._owner = _AnyAccount(owner.name, owner.asks, owner.account_id)
        self._names = {account.id or name: name for name, account in contract.accounts.items()}
        self._says_currency = "currency" in contract.statement.columns
        self._folder = TemporaryDirectory(prefix="ackord-statement-")

    async def read(self, concerns: Concerns, payment: Payment | None = None) -> int:
        began_ns, now_s = self.client.clock.now_ns(), self.client.unix_s()
        why = self.incomplete
        if not why and self._form.window == "day" and self._form.day_of(now_s) != self._form.day_of(now_s + _SLACK_S):
            why = "the day of the statement ends now, and what just moved may stand in the next one"
        rows: list[LedgerRow] = []
        try:
            for period in self._form.periods(self.from_s, now_s, _SLACK_S):
                for part in self._statement.parts or (None,):
                    rows += await self._period(period, part)
        except NoResponse as error:
            raise NoResponse(f"{error}; {why}" if why else str(error)) from None
        repeated = next((movement for movement, n in Counter(row.movement_id for row in rows).items() if n > 1), None)
        if repeated is not None:
            raise NoResponse(
                f"the statement cannot be read: two rows have one identifier, {repeated}, so movements cannot be "
                "counted (check columns.movement_id)"
            )
        return record_movements(
            self.client.recorder, rows, concerns, began_ns=began_ns, at_ns=self.client.clock.now_ns(), problem=why
        )

    async def _period(self, period: Period, part: str | None) -> list[LedgerRow]:
        """Return the movements of a period. Raises ``NoResponse`` for a statement that cannot be read, is not there
        yet, or contradicts itself.
        """
        day = datetime.fromtimestamp(period.from_s, self._form.zone).date()
        key = PartitionKey(self._owner.name, day, part or WHOLE)
        partition = PullPartition(key, self._owner, part, (period,), period)
        sums, met = RunningSums(), Counter[str]()
        path = Path(self._folder.name) / "page.part"

        async def page_at(cursor: str | None) -> LedgerPage:
            nonlocal sums
            if cursor is None:  # the list is begun, perhaps again
                sums = RunningSums()
                met.clear()
            with _readable():
                fetched = await self.fetcher.fetch(partition, period, cursor, path)
                page = self._lander.read(fetched, cursor, partition)
                sums.add(page.lines)
                # A page may begin with the row that ended the one before, which is in the sums twice then.
                if page.totals and self._statement.next_row is None:
                    check_claims(page.totals, sums.sums())
            ids = frozenset(filter(None, (line.line_id for line in page.lines)))
            counted = self._statement.counted is not None
            return LedgerPage(
                tuple(self._movements(page.lines, met)), page.following, ids=ids if counted else frozenset()
            )

        return await read_all_pages(within_bounds(page_at, self.client.clock), unique=True)

    def _movements(self, lines: Iterable[StatementLine], met: Counter[str]) -> Iterator[LedgerRow]:
        """Return the lines that move money. A line without an identifier gets one of its text, and of how often that
        stood before it: two equal lines are two movements, and a later reading gives the same names.
        """
        numbers = self.client.client_state.numbers
        for line in lines:
            if line.kind not in _MOVED:
                continue
            movement_id = line.line_id
            if movement_id is None:
                digest = hashlib.sha256(line.raw.encode()).hexdigest()[:16]
                met[digest] += 1
                movement_id = f"row-{digest}-{met[digest]}"
            yield LedgerRow(
                movement_id, line.order_no or numbers.get(line.provider_id, ""),
                self._names.get(line.account, line.account) or self._owner.asks, line.amount_minor, line.kind,
                None if line.booked_us is None else line.booked_us // 1_000_000,
                line.currency if self._says_currency else "", line.refund_no,
            )  # fmt: skip

    async def close(self) -> None:
        for transport in self.fetcher.transports.values():
            await transport.close()
        self._folder.cleanup()


@contextmanager
def _readable() -> Iterator[None]:
    """Raise ``NoResponse`` for a statement that is not there, or cannot be read."""
    try:
        yield
    except LateStatement as why:
        raise NoResponse(f"the statement is not there yet: {why}") from None
    except (UnreadableBody, UnreachableStatement) as why:
        raise NoResponse(f"the statement cannot be read: {why}") from None
