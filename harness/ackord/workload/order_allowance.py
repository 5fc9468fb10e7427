"""Counts how many orders a run may still submit, for everything that submits."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import UsageError

__all__ = ["OrderAllowance", "OrderLimitReached"]

_LEAST_SHARE = 12
"""Fewer orders than this show nothing, so a few profiles with as many are better than all with less."""


class OrderLimitReached(UsageError):
    """The contract's limits allow no such order; the message says which limit it is."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"{problem}.\n  expected: orders within the contract's limits (orders, amount_minor, min_amount_minor, "
            "amount_step_minor)\n  mend: submit less, or raise the limit if the provider allows more"
        )


class OrderAllowance:
    """A number of orders. Safe from any thread."""

    def __init__(self, most: int, whole: OrderAllowance | None = None, *, shared_at: Path | None = None) -> None:
        """``whole``: what this is a share of; an order that is taken here is taken there too. ``shared_at``: a file
        in which all processes count that submit in this run.
        """
        self.most = most
        self._whole = whole
        self._shared_at = shared_at
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        with self._counted():
            own = self.most - self._taken
        return own if self._whole is None else min(own, self._whole.left)

    def take(self, orders: int = 1) -> bool:
        """Take this many; return False, and take none, if fewer are left."""
        with self._counted():
            if self.most - self._taken < orders or not (self._whole is None or self._whole.take(orders)):
                return False
            self._taken += orders
            return True

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            if self._shared_at is None:
                yield
                return
            with self._shared_at.open("a+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                self._taken = before = int(file.read() or 0)
                yield
                if self._taken != before:
                    file.truncate(0)
                    file.write(str(self._taken))

    def share(self, among: int) -> OrderAllowance:
        """Return an even share for the next of ``among`` profiles, which may be empty."""
        left = self.left
        return OrderAllowance(max(left // max(1, among), min(_LEAST_SHARE, left)), self)
