"""Callbacks to Ackord's own merchant: refused as a fault says, which is recorded; what needs a merchant is an error."""

from __future__ import annotations

import pytest

from ackord.chaos.faults import CallbackFault, load_faults
from ackord.core.clock import RealClock
from ackord.core.event import FaultChange
from ackord.core.seed import Seed
from ackord.errors import UsageError
from ackord.run.environments.callback_gate import CallbackGate

from .test_callback_plan import lost, received


def refusing(attempts: int) -> CallbackFault:
    made = load_faults().get("callback-refused").model_validate({"fault": "callback-refused", "attempts": attempts})
    assert isinstance(made, CallbackFault)
    return made


def test_the_first_callbacks_of_an_order_are_refused_and_recorded() -> None:
    fired: list[FaultChange] = []
    gate = CallbackGate(Seed(1), RealClock(), fired.append)
    assert gate.refused(received()) is None, "no fault is in force"
    gate.set_faults([refusing(2)])
    answers = [gate.refused(received(number="2")) for _ in range(3)]
    assert [answer and answer.status for answer in answers] == [503, 503, None]
    assert [(f.fault, f.change, f.detail["order"]) for f in fired] == [("callback-refused", "fired", "order-2")] * 2
    gate.set_faults([])
    assert gate.refused(received(number="2")) is None


def test_what_disturbs_a_merchant_needs_one() -> None:
    gate = CallbackGate(Seed(1), RealClock(), lambda change: None)
    with pytest.raises(UsageError, match="--callback-to"):
        gate.set_faults([lost(1.0)])
