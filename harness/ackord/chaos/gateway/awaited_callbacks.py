"""Holds back acknowledgements until a callback about their order has reached the merchant. Uses no sockets and no
clock.
"""

from __future__ import annotations

from collections.abc import Callable

from ...core.recent_dict import RecentDict

__all__ = ["AwaitedCallbacks"]

OrderKey = int | str
_Action = Callable[[], None]
_Awaited = tuple[OrderKey, bool]


class AwaitedCallbacks:
    """What waits, by order and by whether the callback must tell the order's end. The caller keeps the time and then
    ends the waiting.
    """

    def __init__(self) -> None:
        self._called: RecentDict[_Awaited, None] = RecentDict()
        self._waiting: dict[_Awaited, list[_Action]] = {}

    def wait(self, order: OrderKey, on_call: _Action, on_end: _Action, *, end: bool) -> _Action | None:
        """Call ``on_call`` when the order is called about; at once, and return ``None``, if it was already.

        Else return what ends the waiting: it calls ``on_end``, unless ``on_call`` was called before. ``end``: only a
        callback that tells how the order ended counts.
        """
        awaited = (order, end)
        if awaited in self._called:
            on_call()
            return None
        self._waiting.setdefault(awaited, []).append(on_call)

        def give_up() -> None:
            waiting = self._waiting.get(awaited, [])
            if on_call in waiting:
                waiting.remove(on_call)
                if not waiting:
                    del self._waiting[awaited]
                on_end()

        return give_up

    def called(self, order: OrderKey, *, end: bool) -> None:
        """A callback about the order has reached the merchant; ``end``: it told how the order ended."""
        for awaited in ((order, False), (order, True)) if end else ((order, False),):
            self._called[awaited] = None
            for on_call in self._waiting.pop(awaited, ()):
                on_call()

    def forget(self) -> None:
        """Forget which orders were called about, because the provider has none any more."""
        self._called.clear()
