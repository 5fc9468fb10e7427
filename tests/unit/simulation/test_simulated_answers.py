"""What merchants send to the simulated provider is read, or is nothing."""

from __future__ import annotations

import json

import pytest

from ackord.simulation.simulated_answers import SimulatedRefund, order_body, read_refund, read_submission, refund_body
from ackord.simulation.simulated_standby import SimulatedSubmission, StoredOrder

ORDER = {"order_no": "n-1", "amount": 5, "currency": "EUR", "payee": "p"}


def test_a_submission() -> None:
    assert read_submission(json.dumps(ORDER).encode()) == SimulatedSubmission("n-1", 5, "EUR", "p")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", json.dumps(ORDER | {"amount": "5"}).encode()])
def test_what_is_no_submission(body: bytes) -> None:
    assert read_submission(body) is None


def test_a_refund_and_its_answer() -> None:
    refund = read_refund(b'{"refund_no": "R1", "amount": 3}', "po_1")
    assert refund == SimulatedRefund("R1", "po_1", 3)
    assert read_refund(b"{}", "po_1") is None
    payout = StoredOrder("po_1", ("main", "n-1"), "main", SimulatedSubmission("n-1", 5, "EUR", "p"), "PAID")
    answer = refund_body(refund, payout, 200)
    assert (answer.status, answer.headers["idempotent-replayed"]) == (200, "true")
    assert json.loads(answer.body)["order_no"] == "n-1"


def test_an_order_is_written_as_json_whatever_it_holds() -> None:
    submission = SimulatedSubmission('n-"1"\\', 5, "EUR", "pé\n€")
    payout = StoredOrder("po_1", ("main", submission.order_no), "main", submission, "PAID")
    told = {"provider_id": "po_1", "order_no": 'n-"1"\\', "status": "PAID", "amount": 5}
    told |= {"currency": "EUR", "payee": "pé\n€"}
    assert order_body(payout, 200).body == json.dumps(told, separators=(",", ":")).encode()
