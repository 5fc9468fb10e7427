"""Stores the simulated provider's orders, and replicates them to its standby."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from ..core.clock import VirtualClock

__all__ = ["BASE_LAG_NS", "Key", "SimulatedMovement", "SimulatedStandby", "SimulatedSubmission", "StoredOrder"]

BASE_LAG_NS = 300_000
"""The standby's lag when nothing disturbs it."""

Key = tuple[str, str]
"""Account and order number."""


class SimulatedSubmission(NamedTuple):
    """What a merchant sends: the reference provider's four fields."""

    order_no: str
    amount: int
    currency: str
    payee: str


class StoredOrder(NamedTuple):
    """An order as it is stored."""

    provider_id: str
    key: Key
    account: str
    submission: SimulatedSubmission
    status: str


class SimulatedMovement(NamedTuple):
    """A movement of money."""

    movement_id: str
    account: str
    order_no: str
    amount: int
    kind: str
    """``payout``, ``return`` or ``refund``."""
    currency: str = "EUR"
    refund_no: str = ""
    at_ns: int = 0
    """When it was booked."""


class SimulatedStandby:
    """A copy of the primary that applies each write ``lag_ns`` after it, in order; if cut off, it applies none.

    Due writes are applied on each read, which no reader can tell from continuous work, and which needs no timers.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._log: deque[tuple[int, int, Key, StoredOrder | SimulatedMovement]] = deque()
        self._copies: dict[Key, StoredOrder] = {}
        self._movements: list[SimulatedMovement] = []
        self._last_ns = 0
        self.lag_ns = BASE_LAG_NS
        self.cut = False

    def write(self, key: Key, payout: StoredOrder) -> None:
        """Append a write that the primary commits now."""
        self._append(key, payout)

    def book(self, movement: SimulatedMovement) -> None:
        """Append a movement that the primary books now."""
        self._append(("", ""), movement)

    def _append(self, key: Key, written: StoredOrder | SimulatedMovement) -> None:
        now_ns = self._clock.now_ns()
        self._last_ns = max(self._last_ns, now_ns + self.lag_ns)
        self._log.append((self._last_ns, now_ns, key, written))

    def get(self, key: Key) -> StoredOrder | None:
        self.catch_up()
        return self._copies.get(key)

    def movements(self) -> list[SimulatedMovement]:
        """Return the copy of the ledger."""
        self.catch_up()
        return self._movements

    def catch_up(self) -> None:
        """Apply what is due. Called before the link is cut, it fixes what the standby knows until the link heals."""
        log = self._log
        now_ns = self._clock.now_ns()
        while log and log[0][0] <= now_ns and not self.cut:
            _, _, key, written = log.popleft()
            if isinstance(written, SimulatedMovement):
                self._movements.append(written)
            else:
                self._copies[key] = written

    def behind_ns(self) -> int:
        """The age of the oldest write that is not applied; 0 if there is none."""
        self.catch_up()
        return self._clock.now_ns() - self._log[0][1] if self._log else 0
