"""Events and actions are values: equal ones are one, and none can be changed by who holds it."""

from __future__ import annotations

import pytest

from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.merchant.events import (
    Answered,
    CallbackArrived,
    Conclude,
    Conclusion,
    Send,
    Unanswered,
    WakeAt,
    Woken,
)

VALUES = [
    Answered(1, Observation.ACK),
    Unanswered(1),
    CallbackArrived(0, PaymentState.SUCCEEDED),
    Woken(),
    Send(1, OperationKind.SUBMIT, 0),
    WakeAt(5),
    Conclude(Conclusion.PAID, "paid"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_they_are_values(value: object) -> None:
    assert len({value, value}) == 1
    with pytest.raises(AttributeError):
        value.call = 2  # type: ignore[attr-defined]


def test_an_answer_is_genuine_unless_said_otherwise() -> None:
    assert Answered(1, Observation.ACK).genuine
    assert CallbackArrived(0, PaymentState.SUCCEEDED).genuine
