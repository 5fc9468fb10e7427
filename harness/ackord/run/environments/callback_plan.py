"""Decide what the faults of the callback seam do with a callback: the same for the same seed, order and callback."""

from __future__ import annotations

from collections.abc import Sequence

from ...chaos.faults import CallbackFault
from ...chaos.faults.callbacks import CallbackAction, CallbackView
from ...chaos.faults.edge_views import KeyedRandom
from ...contract.codec.callback_reader import ReceivedCallback
from ...core.operation import Observation
from ...core.seed import Seed

__all__ = ["CallbackPlan", "order_called"]


class CallbackPlan:
    """Counts the callbacks of one run by order, and asks the faults in force about each."""

    def __init__(self, seed: Seed) -> None:
        self._seed = seed
        self.faults: tuple[CallbackFault, ...] = ()
        """Those in force; set from another thread."""
        self._ordinals: dict[str, int] = {}
        self._numbers: dict[str, int] = {}

    def count(self, called: ReceivedCallback) -> int:
        """Return the number of a callback that came now among those about its order, from 1."""
        order = order_called(called)
        self._ordinals.setdefault(order, len(self._ordinals) + 1)
        self._numbers[order] = number = self._numbers.get(order, 0) + 1
        return number

    def actions(self, called: ReceivedCallback, number: int) -> Sequence[tuple[CallbackFault, CallbackAction]]:
        """Return what the faults in force order to be done with a callback that was counted."""
        if called.reading.observation is Observation.UNREADABLE:
            return []
        view = CallbackView(called.name, number, called.reading.state)
        ordinal = self._ordinals[order_called(called)]
        random = KeyedRandom(self._seed, ordinal, "callback", number)
        found = []
        for at, fault in enumerate(self.faults):
            if self._seed.hits(fault.hit_share, fault.fault, at, ordinal, number):
                action = fault.on_callback(view, random)
                if action is not None:
                    found.append((fault, action))
        return found


def order_called(called: ReceivedCallback) -> str:
    """Return whose callback it is: the order's number, or the provider's identifier where that is all it tells."""
    return called.order_no or f"id {called.reading.provider_id}"
