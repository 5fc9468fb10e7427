"""Remembers the provider's answers to queries, so that a stale one can be given again. No sockets; its size is bounded.

Staleness has two measures. ``behind`` counts answers: the answer given that many answers ago. ``lag_ms`` counts time,
as a lagging replica does: the newest answer that is at least that old, or the oldest known. With ``not_found`` the
order is missing until ``lag_ms`` after its acknowledgement (see ``acknowledgement``). For a foreign merchant whose
submits the gateway does not recognise, it is missing until ``lag_ms`` after the first 2xx answer to the query itself.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Any

from ..faults.edge_views import PastResponse

__all__ = ["ResponseHistory"]

_KEYS_REMEMBERED = 4096
_ANSWERS_REMEMBERED = 65
"""Of one query: the largest ``behind``, and the present one."""
_BYTES_REMEMBERED = 32 << 20


class ResponseHistory:
    """What was answered to whom."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, deque[PastResponse]] = OrderedDict()
        self._shown_ns: OrderedDict[Hashable, int] = OrderedDict()
        self._acknowledged_ns: OrderedDict[Hashable, int] = OrderedDict()
        self._instants_ns: list[int] = []
        """When orders were acknowledged, in order."""
        self._bytes = 0

    def acknowledge(self, order: Hashable, at_ns: int) -> None:
        """Remember that the order was acknowledged; only the first time counts."""
        if order not in self._acknowledged_ns:
            self._acknowledged_ns[order] = at_ns
            self._instants_ns.append(at_ns)
            if len(self._acknowledged_ns) > _KEYS_REMEMBERED:
                self._acknowledged_ns.popitem(last=False)
                del self._instants_ns[0]

    def remember(self, query: Hashable, at_ns: int, status: int, body: bytes, original: Any) -> None:
        """Remember the provider's answer to ``query``; the oldest are dropped when the room is used up."""
        if 200 <= status < 300 and query not in self._shown_ns:
            self._shown_ns[query] = at_ns
            if len(self._shown_ns) > _KEYS_REMEMBERED:
                self._shown_ns.popitem(last=False)
        answers = self._answers.get(query)
        if answers is None:
            answers = self._answers[query] = deque()
        self._answers.move_to_end(query)
        answers.append(PastResponse(at_ns, status, body, original))
        self._bytes += len(body)
        if len(answers) > _ANSWERS_REMEMBERED:
            self._bytes -= len(answers.popleft().body)
        while len(self._answers) > 1 and (len(self._answers) > _KEYS_REMEMBERED or self._bytes > _BYTES_REMEMBERED):
            _, forgotten = self._answers.popitem(last=False)
            self._bytes -= sum(len(each.body) for each in forgotten)

    def acknowledged_ns(self, query: Hashable, order: Hashable) -> int | None:
        """When the order was acknowledged first, or, if ``order`` is ``None``, when ``query`` first got a 2xx."""
        return self._shown_ns.get(query) if order is None else self._acknowledged_ns.get(order)

    def next_acknowledgement_ns(self, since_ns: int) -> int | None:
        """When the first order was acknowledged at or after ``since_ns``; ``None``: none was."""
        at = bisect_left(self._instants_ns, since_ns)
        return self._instants_ns[at] if at < len(self._instants_ns) else None

    def hides(self, query: Hashable, order: Hashable, now_ns: int, lag_ns: int) -> bool:
        """Whether the order is not to be seen yet; ``order`` is ``None`` if it is not known."""
        since_ns = self.acknowledged_ns(query, order)
        return since_ns is not None and now_ns - since_ns < lag_ns

    def earlier(self, query: Hashable, now_ns: int, behind: int | None, lag_ns: int | None) -> PastResponse | None:
        """The answer to give instead of the one that was remembered last; ``None``: there is none that is older.

        Without ``behind`` and ``lag_ns`` it is the one before.
        """
        answers = self._answers.get(query)
        if answers is None or len(answers) < 2:
            return None
        if lag_ns is None:
            behind = behind or 1
            return answers[-1 - behind] if behind < len(answers) else None
        known = list(answers)[:-1]
        return next((each for each in reversed(known) if each.at_ns <= now_ns - lag_ns), known[0])

    def forget(self) -> None:
        """Forget everything, because no rule needs it any more."""
        self._answers.clear()
        self._shown_ns.clear()
        self._acknowledged_ns.clear()
        self._instants_ns.clear()
        self._bytes = 0
