"""Holds back acknowledgements until a callback about their order has reached the merchant. Uses no sockets and no
clock.
"""

from __future__ import annotations

from collections.abc import Callable

from ...core.recent_dict import RecentDict

__all__ = ["AwaitedCallbacks"]

OrderKey = int | str
_Action = Callable[[], None]


class AwaitedCallbacks:
    """What waits, by order. The caller keeps the time and then ends the waiting."""

    def __init__(self) -> None:
        self._called: RecentDict[OrderKey, None] = RecentDict()
        self._waiting: dict[OrderKey, list[_Action]] = {}

    def wait(self, order: OrderKey, on_call: _Action, on_end: _Action) -> _Action | None:
        """Call ``on_call`` when the order is called about; at once, and return ``None``, if it was already.

        Else return what ends the waiting: it calls ``on_end``, unless ``on_call`` was called before.
        """
        if order in self._called:
            on_call()
            return None
        self._waiting.setdefault(order, []).append(on_call)

        def end() -> None:
            waiting = self._waiting.get(order, [])
            if on_call in waiting:
                waiting.remove(on_call)
                if not waiting:
                    del self._waiting[order]
                on_end()

        return end

    def called(self, order: OrderKey) -> None:
        """A callback about the order has reached the merchant."""
        self._called[order] = None
        for on_call in self._waiting.pop(order, ()):
            on_call()

    def forget(self) -> None:
        """Forget which orders were called about, because the provider has none any more."""
        self._called.clear()
