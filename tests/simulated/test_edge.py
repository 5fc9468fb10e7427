"""The simulated edge carries out the gateway's plans as the gateway does, in virtual time."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import pytest

from ackord.chaos.faults import FAULTS, EdgeFault, register
from ackord.chaos.faults.edge_actions import DelayRequest, ReplaceAnswer, response_of
from ackord.chaos.faults.edge_views import AnswerView, KeyedRandom, RequestView
from ackord.core.clock import MS
from ackord.core.operation import Observation, OperationKind, Vantage
from ackord.simulation.simulated_system import SimulatedSystem

from .worlds import begins, changes, completes, do, world

MERCHANT = Vantage.MERCHANT
AMOUNT = 100
"""Its order is taken at once, with the seed of these tests."""


def under(fault: str, **rule: Any) -> SimulatedSystem:
    """A world with one rule of the edge in force; ``params`` and all else as in the gateway's rules."""
    w = world()
    w.edge.set_rules([{"fault": fault, **rule}])
    return w


class Maintenance(EdgeFault):
    """A query takes longer, and its answer is a page."""

    queries_only: ClassVar[bool] = True
    fault: Literal["maintenance"]
    delay_ms: int

    def on_request(self, request: RequestView, random: KeyedRandom) -> list[DelayRequest]:
        return [DelayRequest(self.delay_ms * MS)]

    def on_answer(self, answer: AnswerView) -> ReplaceAnswer:
        return ReplaceAnswer(response_of(503, "<p>back soon</p>"))


def test_a_fault_of_one_class_is_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FAULTS, "_things", dict(FAULTS._things))
    register(Maintenance)
    w = under("maintenance", params={"delay_ms": 700})
    order = w.create_order(AMOUNT)
    assert do(w, order, order.submit()) is not None
    begin_ns = w.clock.now_ns()
    reading = do(w, order, order.query())
    assert reading is not None
    assert reading.observation is Observation.UNREADABLE
    assert w.clock.now_ns() - begin_ns > 700 * MS
    assert changes(w, "maintenance") == ["fired", "fired"]


def test_a_late_answer() -> None:
    w = under("late-answer", params={"ms": 500.0})
    order = w.create_order(AMOUNT)
    assert do(w, order, order.submit()) is not None
    assert completes(w, 1, MERCHANT)[0].at_ns - completes(w, 1)[0].at_ns > 500 * MS
    assert changes(w, "late-answer") == ["fired"]


def test_healing_lets_a_late_answer_go() -> None:
    w = under("late-answer", params={"ms": 600_000.0})
    order = w.create_order(AMOUNT)
    flight = w.begin(order, order.submit())
    w.wait(100 * MS)
    assert not flight.done
    w.edge.set_rules([])
    w.wait(10 * MS)
    assert flight.done


def test_queries_arrive_in_another_order() -> None:
    w = under("reordered-queries", params={"size": 5, "window_ms": 1000.0})
    orders = [w.create_order(AMOUNT) for _ in range(5)]
    flights = [w.begin(order, order.query()) for order in orders]
    for flight in flights:
        w.complete(flight)
    fired = [e for e in w.recorder.events if getattr(e, "change", "") == "fired"]
    assert len(fired) >= 2
    assert len({begins(w, op)[0].at_ns for op in range(1, 6)}) == 5
    assert do(w, orders[0], orders[0].submit()) is not None, "a submit passes"


@pytest.mark.parametrize(
    ("fault", "params", "status"),
    [
        ("error-substitution", {"status": 503, "code": "BUSY"}, "503"),
        ("error-substitution", {"status": 502, "page": "cdn", "forward": True}, "502"),
        ("redirect", {}, "307"),
        ("redirect", {"forward": False, "status": 301}, "301"),
    ],
)
def test_another_answer_than_the_provider_s(fault: str, params: dict[str, Any], status: str) -> None:
    w = under(fault, params=params)
    order = w.create_order(AMOUNT)
    do(w, order, order.submit())
    assert completes(w, 1, MERCHANT)[0].detail.startswith(status)
    forwarded = params.get("forward", fault == "redirect")
    assert [e.observation for e in completes(w, 1)] == ([Observation.ACK] if forwarded else [])
    assert changes(w, fault) == ["fired"]


@pytest.mark.parametrize(
    ("fault", "params", "arrives"),
    [
        ("lost-request", {"mode": "hang"}, False),
        ("reset", {}, True),
        ("truncated-body", {}, True),
    ],
)
def test_no_answer(fault: str, params: dict[str, Any], arrives: bool) -> None:
    w = under(fault, params=params)
    order = w.create_order(AMOUNT)
    assert do(w, order, order.submit()) is None
    w.wait(10 * MS)
    assert bool(completes(w, 1)) is arrives
    assert changes(w, fault) == ["fired"]
    assert completes(w, 1, MERCHANT)[0].observation is None


def test_a_node_that_cannot_be_reached_is_told_and_recorded_as_live() -> None:
    w = under("unreachable")
    order = w.create_order(AMOUNT)
    assert do(w, order, order.submit()) is not None
    assert completes(w, 1, MERCHANT)[0].detail.startswith("502")
    (recorded,) = completes(w, 1)
    assert (recorded.observation, recorded.detail) == (None, "Connection refused")
    assert not w.provider.store.orders
    assert changes(w, "unreachable") == ["fired"]


def test_a_connection_that_is_closed_while_idle() -> None:
    w = under("connection-closed", params={"when": "next-request"}, limits={"quota": 1})
    order = w.create_order(AMOUNT)
    assert do(w, order, order.submit()) is not None
    assert changes(w, "connection-closed") == [], "nobody has used the connection again"
    assert do(w, order, order.query()) is None
    assert completes(w, 2, MERCHANT)[0].detail == "connection reset"
    assert not begins(w, 2)
    assert changes(w, "connection-closed") == ["fired"]
    assert do(w, order, order.query()) is not None


def test_a_connection_that_ends_with_its_answer_is_used_by_nobody() -> None:
    w = under("connection-closed")
    order = w.create_order(AMOUNT)
    assert do(w, order, order.submit()) is not None
    assert do(w, order, order.query()) is not None
    assert changes(w, "connection-closed") == ["fired", "fired"]


def test_a_body_that_trickles() -> None:
    w = under("slow-body", params={"bytes_per_s": 100.0})
    order = w.create_order(AMOUNT)
    read = do(w, order, order.submit())
    assert read is not None
    assert read.observation is Observation.ACK
    assert completes(w, 1, MERCHANT)[0].at_ns - completes(w, 1)[0].at_ns > 500 * MS


def test_an_order_that_the_merchant_cannot_see_yet() -> None:
    w = under("stale-answer", params={"not_found": True, "lag_ms": 200.0})
    order = w.create_order(AMOUNT)
    do(w, order, order.submit())
    early = do(w, order, order.query())
    w.wait(200 * MS)
    late = do(w, order, order.query())
    assert early is not None
    assert late is not None
    assert (early.observation, late.observation) == (Observation.NOT_FOUND, Observation.STATUS)
    assert [completes(w, op)[0].observation for op in (2, 3)] == [Observation.STATUS] * 2, "the provider said the truth"
    assert changes(w, "stale-answer") == ["fired"]


def test_an_earlier_answer_again() -> None:
    w = under("stale-answer", params={"lag_ms": 600_000.0})
    order = w.create_order(AMOUNT)
    do(w, order, order.query())
    do(w, order, order.submit())
    again = do(w, order, order.query())
    assert again is not None
    assert again.observation is Observation.NOT_FOUND
    assert completes(w, 3)[0].observation is Observation.STATUS


def test_a_copy_after_the_answer() -> None:
    w = under("duplicate-delivery", params={"when": "after-answer", "delay_ms": 300.0}, match={"operation": ["submit"]})
    order = w.create_order(AMOUNT)
    do(w, order, order.submit())
    assert [e.copy for e in begins(w, 1)] == [0]
    w.wait(301 * MS)
    assert [e.copy for e in begins(w, 1)] == [0, 1]
    assert begins(w, 1)[1].at_ns - completes(w, 1)[0].at_ns == 300 * MS
    assert changes(w, "duplicate-delivery") == ["fired"]


def test_rules_look_at_requests_and_at_the_time() -> None:
    w = under("lost-request", match={"body": {"$.amount": 7}}, schedule={"after_ms": 100, "armed_ns": 0})
    cheap, dear = w.create_order(7), w.create_order(8)
    assert do(w, cheap, cheap.submit()) is not None, "too early"
    w.wait(100 * MS)
    assert do(w, dear, dear.submit()) is not None
    assert do(w, cheap, cheap.submit()) is None
    assert cheap.submit().kind is OperationKind.RESUBMIT
