"""Reads the owner's statement of a run's time as movements of money, with the reader that pulls statements, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
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
from ...statements.fetching import StatementFetcher
from ...statements.landing import PartitionLander
from ...statements.lines import WHOLE, PartitionKey
from ...statements.movement_reading import AnyAccount, MovementReading
from ...statements.outcomes import LateStatement, UnreachableStatement
from ...statements.partitions import PullPartition

__all__ = ["StatementSource"]

_SLACK_S = 60
"""How far the provider's clock may be from ours when a period is chosen."""


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
        self._owner = AnyAccount.of(contract)
        self._folder = TemporaryDirectory(prefix="ackord-statement-")

    async def read(self, concerns: Concerns, payment: Payment | None = None) -> int:
        began_ns, now_s = self.client.clock.now_ns(), self.client.unix_s()
        why = self.incomplete
        if not why and self._form.window == "day" and self._form.day_of(now_s) != self._form.day_of(now_s + _SLACK_S):
            why = "the day of the statement ends now, and what just moved may stand in the next one"
        rows: list[LedgerRow] = []
        reading = MovementReading(self.client.codec.contract, self._lander, self.client.client_state.numbers)
        try:
            for period in self._form.periods(self.from_s, now_s, _SLACK_S):
                for part in self._statement.parts or (None,):
                    rows += await self._period(reading, period, part)
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

    async def _period(self, reading: MovementReading, period: Period, part: str | None) -> list[LedgerRow]:
        """Return the movements of a period. Raises ``NoResponse`` for a statement that cannot be read, is not there
        yet, or contradicts itself.
        """
        day = datetime.fromtimestamp(period.from_s, self._form.zone).date()
        key = PartitionKey(self._owner.name, day, part or WHOLE)
        partition = PullPartition(key, self._owner, part, (period,), period)
        path = Path(self._folder.name) / "page.part"
        reading.begin_part()

        async def page_at(cursor: str | None) -> LedgerPage:
            with _readable():
                return reading.page(await self.fetcher.fetch(partition, period, cursor, path), cursor, partition)

        return await read_all_pages(within_bounds(page_at, self.client.clock), unique=True)

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
