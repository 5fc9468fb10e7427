"""Each flaw of taking back gives an answer, or moves money, as the correct provider does not."""

from __future__ import annotations

import asyncio

import pytest

from ackord.contract.emulate.domain_responses import ProviderOrder, RefundResponse, RefusalKind, ResponseReason

from ..stage import MemoryStore, said, service, until

OPEN = ProviderOrder("po_1", "main", "N-00000001", 100, "EUR", "payee", "ACCEPTED", "A")
PAID = OPEN._replace(status="PAID")


@pytest.mark.parametrize(
    ("variant", "answer"),
    [("late-cancel-acknowledged", ResponseReason.CANCELLED), (None, RefusalKind.TOO_LATE_TO_CANCEL)],
)
def test_a_cancel_that_comes_too_late(variant: str | None, answer: ResponseReason | RefusalKind) -> None:
    provider, store = service(variant)
    store.add(PAID)
    assert said(asyncio.run(provider.cancel("main", PAID.order_no))) == answer


@pytest.mark.parametrize(("variant", "moved"), [("cancelled-and-paid", [("po_1", "payout")]), (None, [])])
def test_what_moves_for_an_order_that_was_cancelled(variant: str | None, moved: list[tuple[str, str]]) -> None:
    async def story() -> MemoryStore:
        provider, store = service(variant)
        store.add(OPEN)
        assert said(await provider.cancel("main", OPEN.order_no)) is ResponseReason.CANCELLED
        await until(lambda: len(store.book) == len(moved))
        return store

    assert asyncio.run(story()).book == moved


@pytest.mark.parametrize(("variant", "paid_back"), [("refund-lost", False), (None, True)])
def test_one_refund_in_four_is_lost(variant: str | None, paid_back: bool) -> None:
    async def story() -> bool:
        provider, store = service(variant)
        numbers = [f"R{n}" for n in range(12)]
        store.add(PAID)
        for number in numbers:
            answered = await provider.refund("main", number, 1, PAID.order_no)
            assert isinstance(answered, RefundResponse)
        due = sum(not provider.node.seed.hits(0.25, "refund-lost", n) for n in numbers) if variant else len(numbers)
        await until(lambda: len(store.book) == due)
        return due == len(numbers)

    assert asyncio.run(story()) is paid_back
