"""Refunds have numbers of their own, and keep them when they are sent again."""

from __future__ import annotations

import asyncio

import pytest

from ackord.client.operation_request import OperationRequest
from ackord.core.amount_range import AmountRange

from .stage import FakeClient, pays_at_once, played, storm


def refunds(calls: list[OperationRequest]) -> list[tuple[str, int]]:
    return [tuple(call.refund) for call in calls if call.refund is not None]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("refund-again", 1), ("refund-lost-answer", 1), ("refund-race", 1), ("refunds-at-once", 3), ("refunds-in-sum", 3)],
)
def test_numbers(name: str, numbers: int) -> None:
    found = refunds(played(name))
    assert len({number for number, _ in found}) == numbers
    assert all(number != call.payment.order_no for call in played(name) for number, _ in found)


def test_more_than_was_paid_is_asked_for_and_then_all() -> None:
    calls = played("refund-over")
    paid = calls[0].payment.amount_minor
    assert [amount for _, amount in refunds(calls)] == [paid + 1, paid]


@pytest.mark.parametrize("change", [{"_refunds_parts": False}, {"amounts": AmountRange(100, 101)}])
def test_where_nothing_can_be_divided_all_is_asked_for(change: dict[str, object]) -> None:
    client = FakeClient(pays_at_once)
    load = storm(client)
    for name, value in change.items():
        setattr(load.book, name, value)
    asyncio.run(load.play(["refund-part", "refund-over"], concurrency=1))
    for call in client.calls:
        if call.refund is not None:
            least = call.payment.amount_minor
            assert call.refund.amount_minor in (least, least + 1)
