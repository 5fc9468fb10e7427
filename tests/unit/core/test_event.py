"""Events survive the journal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.core.event import (
    Begin,
    CallbackReceived,
    Complete,
    Event,
    FaultChange,
    LedgerRead,
    MerchantReport,
    Movement,
    OrderIntent,
    Phase,
    ReplicationSample,
    ReportedOutcome,
    UnknownMovements,
    event_from_json,
    event_to_json,
)
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState

EVENTS: list[Event] = [
    Begin(1, Vantage.MERCHANT, 1, 0, OperationKind.SUBMIT, "a", "o", 1, "f", 100, "A"),
    Begin(2, Vantage.PROVIDER, 2, 3, OperationKind.LEDGER, "", "", 1, "", None, ""),
    Complete(
        3, Vantage.PROVIDER, 1, 0, Outcome.OK, Observation.ACK, PaymentState.RECEIVED, "p", 100, "201", {"status": 201}
    ),
    Complete(4, Vantage.MERCHANT, 1, 0, Outcome.INFO, None, PaymentState.UNKNOWN, None, None, "", None),
    FaultChange(5, "lost-answer", "fired", "edge", 7, {"share": 0.5}),
    FaultChange(6, "cut", "healed", "", 0, {}),
    Phase(7, "settle"),
    ReplicationSample(8, 10, 9, None),
    ReplicationSample(9, 10, 10, 5),
    ReplicationSample(9, 10, 4, 5, "read-model"),
    Movement(10, "", "", "m", -5, "return"),
    Movement(11, "a", "o", "m", 5, "payout"),
    LedgerRead(12, 0),
    LedgerRead(12, 0, "503"),
    Begin(13, Vantage.MERCHANT, 3, 0, OperationKind.SUBMIT, "a", "o", 1, "f", 100, "A", "EUR", "payee"),
    Complete(
        14,
        Vantage.MERCHANT,
        3,
        0,
        Outcome.OK,
        Observation.ACK,
        PaymentState.RECEIVED,
        "p",
        100,
        "201",
        {},
        "EUR",
        "payee",
    ),
    Movement(15, "a", "o", "m", 5, "payout", "EUR"),
    LedgerRead(16, 1, began_ns=15, order="o"),
    UnknownMovements(16, 3),
    OrderIntent(17, "o", "invoice-7"),
    MerchantReport(18, "output", ReportedOutcome.FAILED, order="o"),
    MerchantReport(19, "verify-cmd", None, intent="invoice-7", payments=0),
    CallbackReceived(17, "o", "event", Observation.STATUS, PaymentState.SUCCEEDED, "paid"),
    CallbackReceived(
        18, "o", "event", Observation.STATUS, PaymentState.SUCCEEDED, "paid", "a", "p", 100, "EUR", "payee"
    ),
]


@pytest.mark.parametrize("event", EVENTS, ids=[f"{type(e).__name__} at {e.at_ns}" for e in EVENTS])
def test_there_and_back(event: Event) -> None:
    line = json.dumps(event_to_json(event))
    again = event_from_json(json.loads(line))
    assert again == event
    assert type(again) is type(event)
    for before, after in zip(event, again, strict=True):
        assert type(before) is type(after)


def test_what_is_empty_is_left_out() -> None:
    assert event_to_json(EVENTS[3]) == {
        "e": "complete",
        "at_ns": 4,
        "vantage": "merchant",
        "op": 1,
        "copy": 0,
        "outcome": "info",
    }


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"e": "nothing"},
        {"e": "begin"},
        {"e": "phase", "at_ns": 1},
        {"e": "phase", "at_ns": 1, "name": "x", "more": 1},
        {"e": "complete", "at_ns": 4, "vantage": "moon", "op": 1, "copy": 0, "outcome": "info"},
        {"e": "complete", "at_ns": 4, "vantage": "merchant", "op": 1, "copy": 0, "outcome": "info", "state": "LOST"},
    ],
)
def test_what_is_no_event_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        event_from_json(line)


def test_reading_does_not_change_the_line() -> None:
    line = event_to_json(EVENTS[0])
    copy = dict(line)
    event_from_json(line)
    assert line == copy
