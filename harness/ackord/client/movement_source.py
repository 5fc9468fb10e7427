"""Reads movements of money from where a contract says they are: its API's ledger, a query or a command."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..contract.base.body_parsing import UnreadableBody
from ..contract.codec.codec import LedgerRow, Payment
from ..contract.codec.table_codec import TableCodec
from ..core.clock import SECOND
from .movement_record import record_movements
from .provider_client import ProviderClient
from .transport import NoResponse, Transport

__all__ = ["ApiLedger", "MovementSource", "TableSource", "UnreadSource"]

Concerns = Callable[[str], bool]
"""Whether the movements of an order number are recorded."""


class MovementSource(ABC):
    """One source of movements, for one reading of a run or several."""

    by_order = False
    """Whether one order's movements are asked for at a time."""

    @abstractmethod
    async def read(self, concerns: Concerns, payment: Payment | None = None) -> int:
        """Record the movements that ``concerns`` accepts, and that they were read; return how many they are.

        ``payment``: the order, if it is read by order. Raises ``NoResponse`` if it cannot be read, and then records no
        reading.
        """

    @abstractmethod
    async def close(self) -> None:
        """Close what it has opened."""


@dataclass
class UnreadSource(MovementSource):
    """A source that this run cannot read, and why."""

    why: str

    async def read(self, concerns: Concerns, payment: Payment | None = None) -> int:
        raise NoResponse(self.why)

    async def close(self) -> None:
        pass


@dataclass
class ApiLedger(MovementSource):
    """The ledger of the API, read through ``transport``."""

    client: ProviderClient
    transport: Transport

    def __post_init__(self) -> None:
        ledger = self.client.codec.ledger
        self.by_order = ledger is not None and ledger.by_order

    async def read(self, concerns: Concerns, payment: Payment | None = None) -> int:
        return await self.client.read_ledger(self.transport, concerns, payment)

    async def close(self) -> None:
        await self.transport.close()


@dataclass
class TableSource(MovementSource):
    """A ledger that is a table. What failed once is not tried again: it would fail for each order of a run."""

    client: ProviderClient
    table: TableCodec

    def __post_init__(self) -> None:
        self.by_order = self.table.by_order
        self._down = ""

    async def read(self, concerns: Concerns, payment: Payment | None = None) -> int:
        began_ns, state = self.client.clock.now_ns(), self.client.client_state
        provider_id = None
        if payment is not None:
            provider_id = state.provider_ids.get((payment.account, payment.order_no))
            if provider_id is None and self.table.by_provider_id:
                raise NoResponse("the provider's identifier of the order is not known")
        if self._down:
            raise NoResponse(self._down)
        try:
            rows = await self._rows(payment, provider_id, state.numbers)
        except UnreadableBody as why:
            raise NoResponse(f"the ledger cannot be read: {why}") from None
        except NoResponse as why:
            self._down = str(why)
            raise
        return record_movements(
            self.client.recorder, rows, concerns, began_ns=began_ns, at_ns=self.client.clock.now_ns(),
            order_no="" if payment is None else payment.order_no,
        )  # fmt: skip

    @abstractmethod
    async def _rows(
        self, payment: Payment | None, provider_id: str | None, numbers: Mapping[str, str]
    ) -> Sequence[LedgerRow]:
        """Return the movements. Raises ``NoResponse`` for a table that does not come, ``UnreadableBody`` for one that
        has no reading.
        """


def seconds(duration_ns: int) -> str:
    """Return a limit of time in words: ``10 s``."""
    return f"{duration_ns / SECOND:g} s"
