"""Remember in which bytes orders came, for a provider that compares those instead of the values in them."""

from __future__ import annotations

import hashlib

from ...core.recent_dict import MOST_REMEMBERED, RecentDict

__all__ = ["SentBytes"]


class SentBytes:
    """The bytes of each number's first submit to this node."""

    def __init__(self) -> None:
        self._first: RecentDict[tuple[str, str], set[bytes]] = RecentDict(MOST_REMEMBERED)

    def differ(self, account: str, order_no: str, body: bytes) -> bool:
        """Return whether the number came before in other bytes, and never in these; these are remembered."""
        digest = hashlib.sha256(body).digest()
        seen = self._first.get((account, order_no))
        if seen is None:
            self._first[account, order_no] = {digest}
            return False
        if digest in seen:
            return False
        seen.add(digest)
        return True
