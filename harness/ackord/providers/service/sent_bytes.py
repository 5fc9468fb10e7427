"""Remember in which bytes orders came, for a provider that compares those instead of the values in them."""

from __future__ import annotations

import hashlib

from ...core.recent_dict import MOST_REMEMBERED, RecentDict

__all__ = ["SentBytes"]


class SentBytes:
    """The bytes in which this node took each number's submits."""

    def __init__(self, *, remember: bool) -> None:
        """``remember``: whether a number is taken in other bytes as well, as another order."""
        self._remember = remember
        self._first: RecentDict[tuple[str, str], set[bytes]] = RecentDict(MOST_REMEMBERED)

    def differ(self, account: str, order_no: str, body: bytes) -> bool:
        """Return whether the number came before in other bytes, and not in these."""
        digest = hashlib.sha256(body).digest()
        seen = self._first.get((account, order_no))
        if seen is None:
            self._first[account, order_no] = {digest}
            return False
        if digest in seen:
            return False
        if self._remember:
            seen.add(digest)
        return True
