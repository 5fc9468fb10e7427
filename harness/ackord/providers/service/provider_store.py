"""Say what the service asks of its store: orders, the bank's book and refunds.

``OrderStore`` keeps them in PostgreSQL, and the simulation in memory. A variant of the service asks for no more than
this, unless it says why it is ``only_live``.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple, Protocol

from ...contract.emulate.domain_responses import ProviderMovement, ProviderOrder, ProviderRefund, ReceivedOrder

__all__ = ["BEFORE", "KeyRule", "ProviderStore", "ReadLane", "RefundRecords", "StatedWindow", "StatementTotals"]

BEFORE: dict[str, tuple[str, ...]] = {
    "PROCESSING": ("ACCEPTED",),
    "PAID": ("ACCEPTED", "PROCESSING"),
    "DECLINED": ("ACCEPTED", "PROCESSING"),
    "FAILED": ("ACCEPTED", "PROCESSING"),
    "CANCELLED": ("ACCEPTED",),
    "RETURNED": ("ACCEPTED", "PROCESSING", "PAID"),
}
"""What a status may follow; ACCEPTED is where an order starts."""


class ReadLane(Enum):
    """Where orders and movements are read."""

    PRIMARY = auto()
    STANDBY = auto()
    READ_MODEL = auto()
    """Only for variants that have a read model."""


class KeyRule(NamedTuple):
    """When a number that was taken stands for a new order."""

    payload_counts: bool
    """Whether an order with another content is another order."""
    retention_ns: int | None
    """After so long a number is new again, by the store's clock, which is one for all nodes; ``None``: never."""
    ahead_s: int = 0
    """How far the sandbox's clock is ahead of the store's."""
    at_s: float | None = None
    """What the time is instead, in seconds since 1970; ``None``: what the store says."""


class StatedWindow(NamedTuple):
    """Whose statement of what time is asked for; the end is left out."""

    account: str
    from_s: int
    to_s: int


class StatementTotals(NamedTuple):
    """What the lines of a time add up to, in minor units."""

    lines: int
    paid_out: int
    came_back: int


class RefundRecords(Protocol):
    """The refunds, on the primary."""

    async def take(self, refund: ProviderRefund) -> ProviderRefund | None:
        """Store a refund unless its number is taken, and commit; return the one that stands. ``None``: the order was
        not paid, or less of it is left.
        """
        ...

    async def unpaid(self, node: str) -> list[ProviderRefund]:
        """Return the refunds of this node whose money was not moved yet."""
        ...

    async def add(self, refund: ProviderRefund) -> bool:
        """Store a refund, whatever is left of its order, unless refunds are unique and its number is taken."""
        ...

    async def given_back(self, order_id: str) -> int:
        """Return the sum of an order's refunds, in minor units."""
        ...


class ProviderStore(Protocol):
    """The orders and the bank's book.

    ``find`` and ``statement_page`` read where ``lane`` says; everything else reads the primary.
    """

    unreachable: tuple[type[BaseException], ...]
    """What a request raises while the store cannot be reached. It may have been executed."""

    @property
    def refunds(self) -> RefundRecords: ...

    async def place(self, order: ProviderOrder) -> tuple[ProviderOrder, bool]:
        """Insert an order unless its number is taken; return the row that stands, and whether it is this one."""
        ...

    async def append(self, order: ProviderOrder) -> ProviderOrder:
        """Insert an order whatever exists (only where numbers are not unique)."""
        ...

    async def claim(self, order: ProviderOrder, rule: KeyRule) -> tuple[ProviderOrder, bool]:
        """Insert an order as ``place`` does, where a number stands for an order by ``rule`` alone (no unique index)."""
        ...

    async def find(self, lane: ReadLane, account: str, order_no: str) -> ProviderOrder | None: ...

    async def identified(self, provider_id: str) -> ProviderOrder | None:
        """Return the order with this provider id."""
        ...

    async def advance(self, provider_id: str, status: str, before: Sequence[str] | None = None) -> bool:
        """Write a status if it may follow the present one; return whether it was written."""
        ...

    async def of_node(self, node: str, statuses: Sequence[str]) -> list[ProviderOrder]: ...

    async def move(self, order: ProviderOrder, kind: str) -> None:
        """Record that money moved, once for a provider id and kind."""
        ...

    async def move_again(self, booked: Sequence[tuple[ProviderOrder, str]]) -> int:
        """Record movements that may have been recorded before; return how many of them had been lost."""
        ...

    async def moved(self, provider_id: str, kind: str) -> bool: ...

    async def movements(
        self, account: str | None, after: int, limit: int, skip: int = 0, of: tuple[str, str] = ("", "")
    ) -> list[ProviderMovement]:
        """Return movements by id, without the first ``skip``; ``None`` means all accounts.

        ``of``: an order's number and provider id, to be given where only its movements are wanted.
        """
        ...

    async def stated(
        self, account: str, from_s: int, to_s: int, after: int, limit: int, skip: int = 0
    ) -> list[ProviderMovement]:
        """Return an account's movements from ``from_s`` to before ``to_s``, by id, without the first ``skip``."""
        ...

    async def statement_page(
        self, lane: ReadLane, window: StatedWindow, *, after: int, limit: int, skip: int = 0, newest_first: bool = False
    ) -> tuple[list[ProviderMovement], StatementTotals]:
        """Return movements of a time with ids above ``after``, without the first ``skip``, and the totals of the time.

        Both are of one moment.
        """
        ...

    async def totals(self, account: str) -> tuple[int, int]:
        """Return what was paid out of an account and what came back, in minor units."""
        ...

    # What only flaws and their cures ask for.

    async def owner_of(self, order_no: str) -> str | None:
        """Return the account of the first order with this number, whose it may be."""
        ...

    async def is_older(self, account: str, order_no: str, age_ms: int) -> bool:
        """Whether an order with this number was stored more than ``age_ms`` ago (only with ``TAKEN_AT``)."""
        ...

    async def change(self, provider_id: str, submission: ReceivedOrder) -> None:
        """Write another content over an order's."""
        ...

    async def tell(self, order: ProviderOrder, level: int) -> None:
        """Enter into the registry that merchants were told of this order at this level, or above it."""
        ...

    async def told(self, account: str, order_no: str) -> tuple[ProviderOrder, int] | None:
        """Return an order of the registry, and the highest level that was told of it."""
        ...

    async def cache_status(self, provider_id: str, status: str) -> None: ...

    async def cached_status(self, provider_id: str) -> str | None: ...
