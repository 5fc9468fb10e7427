"""What faults do with a callback is decided by seed, order and callback, never by the instant."""

from __future__ import annotations

from ackord.chaos.faults import CallbackFault, load_faults
from ackord.contract.codec.callback_reader import ReceivedCallback
from ackord.core.seed import Seed
from ackord.run.environments.callback_plan import CallbackPlan, order_called

from .test_callback_edge import LOADED, callback


def received(status: str = "PAID", number: str = "1") -> ReceivedCallback:
    called = LOADED.codec.callbacks.read(callback(status, number), {"po_1": "order-1", "po_2": "order-2"})
    assert called is not None
    return called


def lost(share: float) -> CallbackFault:
    made = load_faults().get("callback-lost").model_validate({"fault": "callback-lost", "share": share})
    assert isinstance(made, CallbackFault)
    return made


def hits(plan: CallbackPlan, count: int) -> list[bool]:
    called = received()
    return [bool(plan.actions(called, plan.count(called))) for _ in range(count)]


def test_callbacks_are_counted_by_order() -> None:
    plan = CallbackPlan(Seed(1))
    one, two = received(), received(number="2")
    assert [plan.count(called) for called in (one, one, two, one)] == [1, 2, 1, 3]
    assert order_called(one) == "order-1"


def test_a_seed_hits_the_same_callbacks_again() -> None:
    plans = [CallbackPlan(Seed(7)) for _ in range(2)]
    for plan in plans:
        plan.faults = (lost(0.5),)
    first, second = (hits(plan, 40) for plan in plans)
    assert first == second
    assert 5 < sum(first) < 35


def test_one_that_cannot_be_read_is_left_alone() -> None:
    plan = CallbackPlan(Seed(7))
    plan.faults = (lost(1.0),)
    request = callback("PAID")
    forged = request._replace(headers=tuple((n, "0" * len(v)) for n, v in request.headers))
    called = LOADED.codec.callbacks.read(forged, {"po_1": "order-1"})
    assert called is not None
    assert not plan.actions(called, plan.count(called))
