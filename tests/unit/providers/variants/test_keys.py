"""Each flaw of keys takes two numbers for one, or two payloads for one order; the correct provider does not."""

from __future__ import annotations

import asyncio

import pytest

from ackord.contract.emulate.domain_responses import ReceivedOrder, RefusalKind, ResponseReason
from ackord.core.promises import OtherPayloadAnswer

from ..stage import ORDER, order_of, said, service

LONG = "N" * 50


@pytest.mark.parametrize(
    ("variant", "one", "other"),
    [
        ("key-truncated", LONG + "1", LONG + "2"),
        ("key-case-folded", "Order-a", "ORDER-A"),
        ("empty-key-shared", "", "no-order-number"),
    ],
)
def test_two_numbers_have_one_key_and_at_the_correct_provider_two(variant: str, one: str, other: str) -> None:
    flawed, _ = service(variant)
    correct, _ = service()
    assert flawed.key_of(one) == flawed.key_of(other)
    assert correct.key_of(one) != correct.key_of(other)


@pytest.mark.parametrize(
    ("variant", "answer"), [("bytes-compared", RefusalKind.CONFLICT), (None, ResponseReason.REPLAYED)]
)
def test_the_same_order_in_other_bytes(variant: str | None, answer: RefusalKind | ResponseReason) -> None:
    async def story() -> RefusalKind | ResponseReason:
        provider, _ = service(variant)
        await provider.submit("main", ORDER, b'{"amount": 100}')
        return said(await provider.submit("main", ORDER, b'{"amount":100}'))

    assert asyncio.run(story()) == answer


@pytest.mark.parametrize(("variant", "stored"), [("second-payload-wins", 900), (None, ORDER.amount)])
def test_another_payload_while_the_first_is_in_flight(variant: str | None, stored: int) -> None:
    async def story() -> int:
        provider, _ = service(variant)
        assert provider.behavior.on_other_payload is OtherPayloadAnswer.REJECT
        other = ReceivedOrder(ORDER.order_no, 900, ORDER.currency, ORDER.payee)
        await asyncio.gather(provider.submit("main", ORDER), provider.submit("main", other))
        return order_of(await provider.query("main", ORDER.order_no)).amount

    assert asyncio.run(story()) == stored
