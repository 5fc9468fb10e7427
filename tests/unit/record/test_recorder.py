"""The recorder joins what the gateway saw to what the merchant did."""

from __future__ import annotations

import threading
from typing import Any

from ackord.contract.codec.codec import HttpResponse, Interpretation, ResponseContext
from ackord.core.event import Begin, Complete, FaultChange
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.record.pending_queries import ArrivedCallback
from ackord.record.recorder import Recorder

HEADER = RunHeader("x", "none", "provider", Vantage.PROVIDER, 7, Promises())


def read(kind: OperationKind, answer: HttpResponse, response_context: ResponseContext) -> Interpretation:
    return Interpretation(Outcome.OK, Observation.ACK, PaymentState.RECEIVED, "p1", 100, f"{answer.status}")


def exchange(**changes: Any) -> dict[str, Any]:
    base = {
        "event": "exchange", "version": 2, "edge": "merchant", "op": 1, "copy": 0, "key": "submit/1/1", "node": "B", "begin_ns": 10, "complete_ns": 20, "status": 202,
        "headers": {"content-type": "application/json", "x-secret": "s"}, "body": "{}", "truncated": False,
        "request": {"method": "POST", "target": "/pay", "headers": {}, "body": ""}, "faults": [], "hold": None,
        "end": "complete",
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
    r.chaos_event(
        {"event": "fired", "version": 2, "edge": "merchant", "fault": "lost-answer", "op": 1, "at_ns": 12, "detail": {}}
    )
    assert r.events[-1] == FaultChange(12, "lost-answer", "fired", "edge", 1, {})
    assert r.history().effective_faults == {"lost-answer"}


def deferred() -> tuple[Recorder, Any, ArrivedCallback]:
    """A recorder whose query 1 waits for a callback, the future of its result, and the callback."""
    taken = Interpretation(Outcome.OK, Observation.DEFERRED, PaymentState.UNKNOWN, None, None, "202")
    shown = Interpretation(Outcome.OK, Observation.STATUS, PaymentState.SUCCEEDED, "p1", 100, "PAID")
    answer = HttpResponse(202, {}, b"")
    r = Recorder(HEADER, read)
    r.next_op()
    r.add(Begin(5, Vantage.MERCHANT, 1, 0, OperationKind.QUERY, "main", "A", 1, "", None, ""))
    result = r.complete(1, 6, taken, answer)
    assert result is not None
    return r, result, ArrivedCallback(9, shown, answer)


def completions(r: Recorder) -> list[Complete]:
    return [e for e in r.events if isinstance(e, Complete)]


def test_a_time_out_after_the_callback_records_nothing() -> None:
    r, result, arrived = deferred()
    r.called_back("main", "A", arrived)
    assert not r.gave_up(1, 10, "no callback within 4 ms")
    assert result.result(0) == arrived.reading
    assert [c.observation for c in completions(r)] == [Observation.STATUS]


def test_a_callback_after_the_time_out_ends_nothing() -> None:
    r, result, arrived = deferred()
    assert r.gave_up(1, 10, "no callback within 4 ms")
    r.called_back("main", "A", arrived)
    assert not result.done()
    assert [c.observation for c in completions(r)] == [None]


def test_a_callback_and_a_time_out_at_once_complete_a_query_once() -> None:
    """The time-out comes while the callback is being recorded."""
    r, _, arrived = deferred()
    recording = threading.Event()
    gave_up: list[bool] = []

    class Slow(list[Any]):
        def append(self, event: Any) -> None:
            if isinstance(event, Complete) and not recording.is_set():
                recording.set()
                other.join(0.2)  # with the lock held it cannot end; without it, it would record a second completion
            super().append(event)

    r.events = Slow(r.events)
    other = threading.Thread(
        target=lambda: (recording.wait(5), gave_up.append(r.gave_up(1, 10, "no callback within 4 ms")))
    )
    other.start()
    r.called_back("main", "A", arrived)
    other.join(5)
    assert gave_up == [False]
    assert [c.observation for c in completions(r)] == [Observation.STATUS]


def test_a_result_that_nobody_waits_for_any_more_harms_nobody() -> None:
    r, result, arrived = deferred()
    assert not result.cancel()
    r.called_back("main", "A", arrived)
    assert result.done()


def test_requests_that_are_not_recorded_leave_no_gap_in_the_numbers() -> None:
    """A gap reads as an operation that somebody took out of the journal."""
    r = recorder()
    asides = [r.next_aside(), r.next_aside()]
    assert (r.next_op(), r.operations) == (2, 2)
    assert len(set(asides)) == 2 and min(asides) > 1 << 31


def test_values_of_declared_fields_are_not_kept() -> None:
    r = Recorder(HEADER, read, redact=["iban"])
    r.next_op()
    r.add(Begin(5, Vantage.MERCHANT, 1, 0, OperationKind.SUBMIT, "main", "A", 1, "ab", 100, ""))
    r.chaos_event(exchange(body='{"iban": "DE89", "status": "paid"}'))
    complete = r.events[-1]
    assert isinstance(complete, Complete) and complete.answer is not None
    assert complete.answer["body"] == '{"iban": "***", "status": "paid"}'
