"""Replicates a simulated store to its standby, late or not at all."""

from __future__ import annotations

from collections import deque

from ..contract.emulate.domain_responses import ProviderMovement, ProviderOrder
from ..core.clock import VirtualClock

__all__ = ["BASE_LAG_NS", "Key", "SimulatedStandby"]

BASE_LAG_NS = 300_000
"""The standby's lag when nothing disturbs it."""

Key = tuple[str, str]
"""Account and order number."""
_BOOK = ("", "")


class SimulatedStandby:
    """A copy of the primary that applies each write ``lag_ns`` after it, in order; if cut off, it applies none.

    Due writes are applied on each read, which no reader can tell from continuous work, and which needs no timers.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._log: deque[tuple[int, int, Key, ProviderOrder | ProviderMovement]] = deque()
        self._copies: dict[Key, ProviderOrder] = {}
        self._movements: list[ProviderMovement] = []
        self._last_ns = 0
        self.lag_ns = BASE_LAG_NS
        self.cut = False

    def write(self, key: Key, order: ProviderOrder) -> None:
        """Append a write that the primary commits now."""
        self._append(key, order)

    def book(self, movement: ProviderMovement) -> None:
        """Append a movement that the primary books now."""
        self._append(_BOOK, movement)

    def _append(self, key: Key, written: ProviderOrder | ProviderMovement) -> None:
        now_ns = self._clock.now_ns()
        self._last_ns = max(self._last_ns, now_ns + self.lag_ns)
        self._log.append((self._last_ns, now_ns, key, written))

    def get(self, key: Key) -> ProviderOrder | None:
        self.catch_up()
        return self._copies.get(key)

    def movements(self) -> list[ProviderMovement]:
        """Return the copy of the ledger."""
        self.catch_up()
        return self._movements

    def catch_up(self) -> None:
        """Apply what is due. Called before the link is cut, it fixes what the standby knows until the link heals."""
        log = self._log
        now_ns = self._clock.now_ns()
        while log and log[0][0] <= now_ns and not self.cut:
            _, _, key, written = log.popleft()
            if isinstance(written, ProviderMovement):
                self._movements.append(written)
            else:
                self._copies[key] = written

    def behind_ns(self) -> int:
        """The age of the oldest write that is not applied; 0 if there is none."""
        self.catch_up()
        return self._clock.now_ns() - self._log[0][1] if self._log else 0
