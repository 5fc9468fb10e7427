"""Makes faults of the callback seam, and asks what they order for one callback."""

from __future__ import annotations

from typing import Any

from ackord.chaos.faults import CallbackFault, load_faults
from ackord.chaos.faults.callbacks import CallbackAction, CallbackView
from ackord.chaos.faults.edge_views import KeyedRandom
from ackord.core.payment_state import PaymentState
from ackord.core.seed import Seed

__all__ = ["ordered"]


def ordered(
    fault: str, *, number: int = 1, state: PaymentState = PaymentState.SUCCEEDED, **params: Any
) -> CallbackAction | None:
    made = load_faults().get(fault).model_validate({"fault": fault, **params})
    assert isinstance(made, CallbackFault)
    return made.on_callback(CallbackView("event", number, state), KeyedRandom(Seed(1), 1, "callback", number))
