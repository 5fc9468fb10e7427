"""What was read becomes events, of whatever source it is."""

from __future__ import annotations

from ackord.client.movement_record import record_movements
from ackord.contract.codec.codec import LedgerRow
from ackord.core.event import LedgerRead, Movement

from .test_provider_client import SMALL, FakeTransport, client

ROWS = [LedgerRow(f"m{n}", number, "main", n, "payout", currency="EUR") for n, number in enumerate(["n-1", "n-2", ""])]


def test_the_movements_that_matter_are_recorded_and_that_they_were_read() -> None:
    recorder = client(SMALL, FakeTransport()).recorder
    count = record_movements(recorder, ROWS, lambda number: number != "n-2", began_ns=5, at_ns=9, order_no="n-7")
    assert count == 2
    assert recorder.events == [
        Movement(9, "main", "n-1", "m0", 0, "payout", "EUR"),
        Movement(9, "main", "n-7", "m2", 2, "payout", "EUR"),
        LedgerRead(9, 2, began_ns=5, order="n-7"),
    ]


def test_with_a_problem_what_was_seen_stands_and_what_is_missing_proves_nothing() -> None:
    recorder = client(SMALL, FakeTransport()).recorder
    record_movements(recorder, ROWS, lambda number: True, began_ns=5, at_ns=9, problem="not whole yet")
    assert recorder.events[-1] == LedgerRead(9, 0, "not whole yet", began_ns=5)
    assert len(recorder.events) == 4
