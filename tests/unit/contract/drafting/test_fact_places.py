"""Facts are found in an example answer: the order's own, not those of a fee, a refund or a customer."""

from __future__ import annotations

import json

from ackord.contract.drafting.fact_places import FactHints, extracted_facts, marking_place, nearest_first

TOLD = nearest_first(
    json.dumps(
        {
            "customer": {"id": "c-1"},
            "fee": {"amount": 10, "status": "taken"},
            "payment": {"paymentId": "p-77", "reference": "R-0001", "state": "PAID", "amount": {"value": "19.99"}},
        }
    ).encode()
)


def test_the_order_s_own_facts_are_found() -> None:
    assert extracted_facts(TOLD, FactHints("R-0001", "p-77", "payment_id", "/payments/p-77")) == {
        "order_no": "$.payment.reference",
        "provider_id": "$.payment.paymentId",
        "state": "$.payment.state",
        "amount_major": "$.payment.amount.value",
    }
    assert marking_place(TOLD) == "$.payment.state"


def test_nothing_is_made_of_nothing() -> None:
    told = nearest_first(b'{"customer": {"id": "c-1"}, "note": "x"}')
    assert extracted_facts(told, FactHints("", "", "", "/x", made_up=True)) == {}
    assert extracted_facts(nearest_first(b"<html>"), FactHints("", "", "", "/x")) == {}
