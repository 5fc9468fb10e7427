"""Refuse callbacks in the merchant's name, where Ackord is the merchant, so that the provider must send them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...chaos.faults import CallbackFault
from ...chaos.faults.callbacks import RefuseCallback
from ...contract.base.http_messages import HttpResponse
from ...contract.codec.callback_reader import ReceivedCallback
from ...core.clock import Clock
from ...core.event import FaultChange
from ...core.seed import Seed
from ...errors import UsageError
from .callback_plan import CallbackPlan

__all__ = ["CallbackGate"]


class CallbackGate:
    """The callbacks of one run. ``refused`` belongs to the listener's thread."""

    def __init__(self, seed: Seed, clock: Clock, record: Callable[[FaultChange], None]) -> None:
        self._plan = CallbackPlan(seed)
        self._clock = clock
        self._record = record

    def set_faults(self, faults: Sequence[CallbackFault]) -> None:
        """Put these faults in force, and no others. Raises ``UsageError`` for one that needs a merchant."""
        for fault in faults:
            if fault.subject:
                raise UsageError(
                    f"{fault.fault} disturbs callbacks to a merchant, and no address of the merchant is known.\n"
                    "  mend: ackord drill with --callback-to http://127.0.0.1:PORT/PATH, where it listens"
                )
        self._plan.faults = tuple(faults)

    def refused(self, called: ReceivedCallback) -> HttpResponse | None:
        """Return the refusal of a callback that came now; ``None``: it is taken."""
        number = self._plan.count(called)
        for fault, action in self._plan.actions(called, number):
            if isinstance(action, RefuseCallback):
                detail = {"order": called.order_no, "callback": called.name, "status": action.status}
                self._record(FaultChange(self._clock.now_ns(), fault.fault, "fired", fault.seam, 0, detail))
                return HttpResponse(action.status, {}, b"")
        return None
