"""Refunds without HTTP and without a database: taken once, made once, and never more than was paid."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.contract.emulate.domain_responses import (
    ProviderOrder,
    ProviderRefund,
    ProviderResponse,
    RefundResponse,
    Refusal,
    RefusalKind,
)
from ackord.core.promises import SamePayloadAnswer
from ackord.providers.service.behavior import ProviderBehavior

from ..stage import MemoryStore, service, until

PAID = ProviderOrder("po_1", "main", "N-00000001", 100, "EUR", "payee", "PAID", "A")


def told(reply: ProviderResponse) -> str:
    if isinstance(reply, RefundResponse):
        return "again" if reply.again else "taken"
    assert isinstance(reply, Refusal)
    return reply.kind


def played(*asked: tuple[str, int], order: ProviderOrder = PAID, **how: Any) -> tuple[list[str], MemoryStore]:
    """Ask for refunds (number, amount), one after the other; return what was answered, and the store at the end."""

    async def story() -> tuple[list[str], MemoryStore]:
        provider, store = service(**how)
        store.add(order)
        answers = [told(await provider.refund("main", no, amount, order.order_no)) for no, amount in asked]
        due = sum(answer == "taken" for answer in answers)
        await until(lambda: sum(kind == "refund" for _, kind in store.book) == due)
        return answers, store

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        ([("R1", 40)], ["taken"]),
        ([("R1", 40), ("R1", 40), ("R1", 40)], ["taken", "again", "again"]),
        ([("R1", 40), ("R1", 50)], ["taken", RefusalKind.CONFLICT]),
        ([("R1", 60), ("R2", 60), ("R2", 40)], ["taken", RefusalKind.NOT_REFUNDABLE, "taken"]),
        ([("R1", 101), ("R1", 100)], [RefusalKind.NOT_REFUNDABLE, "taken"]),
        ([("R1", 0), ("R2", 1)], ["taken", RefusalKind.NOT_REFUNDABLE]),
        ([("", 30), ("", 30)], ["taken", "taken"]),
    ],
)
def test_what_is_answered(asked: list[tuple[str, int]], answers: list[str]) -> None:
    assert played(*asked)[0] == answers


@pytest.mark.parametrize("status", ["ACCEPTED", "PROCESSING", "CANCELLED", "DECLINED", "RETURNED"])
def test_what_was_not_paid_is_not_given_back(status: str) -> None:
    assert played(("R1", 1), order=PAID._replace(status=status))[0] == [RefusalKind.NOT_REFUNDABLE]


def test_what_is_sent_again_is_answered_as_the_contract_promises() -> None:
    plain = ProviderBehavior(on_same_refund=SamePayloadAnswer.REJECT_PLAIN)
    assert played(("R1", 40), ("R1", 40), behavior=plain)[0] == ["taken", RefusalKind.DUPLICATE_PLAIN]


def test_an_order_of_somebody_else_is_not_found() -> None:
    async def story() -> None:
        provider, store = service()
        store.add(PAID)
        assert told(await provider.refund("other", "R1", 1, PAID.order_no)) == RefusalKind.NOT_FOUND
        assert told(await provider.refund("other", "R1", 1, "", PAID.provider_id)) == RefusalKind.NOT_FOUND
        assert told(await provider.refund("main", "R1", 1, "", PAID.provider_id)) == "taken"

    asyncio.run(story())


def test_a_node_that_comes_back_makes_the_refunds_that_it_took() -> None:
    async def story() -> None:
        provider, store = service(boot=1)
        store.add(PAID)
        left = ProviderRefund("re_1", "R1", "po_1", "main", PAID.order_no, 40, "EUR", "A")
        refunds: Any = provider.refunds.store
        refunds.taken += [left, left._replace(refund_id="re_2", refund_no="R2", node="B")]
        await provider.start()
        await until(lambda: store.book)
        assert store.book == [("re_1", "refund")]

    asyncio.run(story())


def test_a_bank_that_is_down_is_asked_again() -> None:
    async def story() -> None:
        provider, store = service()
        store.add(PAID)
        provider.channel.settings = provider.channel.settings.changed(down=True)
        await provider.refund("main", "R1", 40, PAID.order_no)
        await until(lambda: provider.channel.counters["refused"])
        assert not store.book
        provider.channel.settings = provider.channel.settings.changed(down=False)
        await until(lambda: store.book)

    asyncio.run(story())
