"""The recorder joins what the gateway saw to what the merchant did."""

from __future__ import annotations

from typing import Any

from ackord.contract.codec.codec import HttpResponse, Interpretation, ResponseContext
from ackord.core.event import Begin, Complete, FaultChange
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.record.recorder import Recorder

HEADER = RunHeader("x", "none", "provider", Vantage.PROVIDER, 7, Promises())


def read(kind: OperationKind, answer: HttpResponse, asker: ResponseContext) -> Interpretation:
    return Interpretation(Outcome.OK, Observation.ACK, PaymentState.RECEIVED, "p1", 100, f"{answer.status}")


def exchange(**changes: Any) -> dict[str, Any]:
    base = {
        "event": "exchange", "op": 1, "copy": 0, "node": "B", "begin_ns": 10, "complete_ns": 20, "status": 202,
        "headers": {"content-type": "application/json", "x-secret": "s"}, "body": "{}", "truncated": False, "end": "complete",
    }  # fmt: skip
    return {**base, **changes}


def recorder() -> Recorder:
    r = Recorder(HEADER, read)
    assert r.next_op() == 1
    r.add(Begin(5, Vantage.MERCHANT, 1, 0, OperationKind.SUBMIT, "main", "A", 1, "ab", 100, ""))
    return r


def test_an_exchange_becomes_two_events_at_the_provider_s_vantage() -> None:
    r = recorder()
    r.chaos_event(exchange())
    begin, complete = r.events[1:]
    assert begin == Begin(10, Vantage.PROVIDER, 1, 0, OperationKind.SUBMIT, "main", "A", 1, "ab", 100, "B")
    assert isinstance(complete, Complete)
    assert (complete.at_ns, complete.observation, complete.provider_id) == (20, Observation.ACK, "p1")


def test_headers_that_are_not_on_the_list_are_not_kept() -> None:
    r = recorder()
    r.chaos_event(exchange())
    complete = r.events[-1]
    assert isinstance(complete, Complete)
    assert complete.answer is not None
    assert complete.answer["headers"] == {"content-type": "application/json"}


def test_an_exchange_without_an_answer_is_indeterminate() -> None:
    for end in ("reset", "timeout", "refused", "garbled"):
        r = recorder()
        r.chaos_event(exchange(complete_ns=None, end=end, status=None))
        complete = r.events[-1]
        assert isinstance(complete, Complete)
        assert (complete.outcome, complete.observation) == (Outcome.INFO, None)
        assert complete.detail


def test_a_copy_is_an_exchange_of_its_own() -> None:
    r = recorder()
    r.chaos_event(exchange())
    r.chaos_event(exchange(copy=1, begin_ns=11, complete_ns=30))
    order = r.history().orders[0]
    assert [(x.copy, x.delivered) for x in order.submits] == [(0, False), (1, False)]


def test_an_answer_that_the_merchant_got_is_delivered() -> None:
    r = recorder()
    r.chaos_event(exchange())
    answer = HttpResponse(202, {}, b"{}", False)
    r.complete(1, 25, read(OperationKind.SUBMIT, answer, ResponseContext("A")), answer)
    assert [x.delivered for x in r.history().orders[0].submits] == [True]


def test_strangers_exchanges_are_not_recorded() -> None:
    r = recorder()
    r.chaos_event(exchange(op=0))
    r.chaos_event(exchange(op=99))
    assert len(r.events) == 1


def test_a_fired_fault_is_an_event_and_proves_itself() -> None:
    r = recorder()
    r.chaos_event({"event": "fired", "fault": "lost-answer", "op": 1, "at_ns": 12, "detail": {}})
    assert r.events[-1] == FaultChange(12, "lost-answer", "fired", "edge", 1, {})
    assert r.history().effective_faults == {"lost-answer"}
