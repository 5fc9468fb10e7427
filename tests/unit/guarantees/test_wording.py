"""The words of findings."""

from __future__ import annotations

import pytest

from ackord.core.clock import MS, SECOND
from ackord.core.event import CallbackReceived
from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState
from ackord.guarantees.wording import amount, answer, callback, duration, request

from .build import history, order


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0, "0 ns"), (900, "900 ns"), (1_000, "0.001 ms"), (800_000, "0.8 ms"), (31 * MS, "31 ms"), (2_500 * MS, "2.5 s"), (86_400 * SECOND, "86400 s")],
)  # fmt: skip
def test_duration(ns: int, text: str) -> None:
    assert duration(ns) == text


def test_requests_and_answers() -> None:
    case = order().submit(0, 1, detail="200").resubmit(2, 3, copy=2).query(4, 5, "FAILED", detail="200 FAILED").query(6)
    first, copy, failed, silent = history(case).orders[0].exchanges
    assert request(first) == f"submit {first.op}"
    assert request(copy) == f"resubmission {copy.op}, copy 2"
    assert request(first._replace(node="B")) == f"submit {first.op} (node B)"
    assert (answer(first), answer(copy), answer(failed), answer(silent)) == ("200", "ACK", "200 FAILED", "no answer")


def test_amount() -> None:
    assert (amount(None), amount(5)) == ("no amount", "5 minor units")


def test_a_callback_is_called_by_its_name() -> None:
    called = CallbackReceived(1, "A", "order-event", Observation.STATUS, PaymentState.SUCCEEDED, "PAID")
    assert callback(called) == "the callback order-event (PAID)"
    assert callback(called._replace(detail="")) == "the callback order-event"
