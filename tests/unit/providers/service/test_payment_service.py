"""The provider's rules without HTTP and without a database: a store in memory with the same promises."""

from __future__ import annotations

import asyncio

import pytest

from ackord.contract.emulate.domain_responses import ProviderOrder, RefusalKind, ResponseReason
from ackord.providers.service.payment_service import PaymentService
from ackord.providers.service.provider_store import BEFORE

from ..stage import KEY, ORDER, order_of, said, service, until


def test_first_accepted_then_replayed_then_refused() -> None:
    async def story() -> None:
        provider, store = service()
        first = await provider.submit("main", ORDER)
        again = await provider.submit("main", ORDER)
        other = await provider.submit("main", ORDER._replace(amount=1))
        assert [said(r) for r in (first, again, other)] == [
            ResponseReason.ACCEPTED,
            ResponseReason.REPLAYED,
            RefusalKind.CONFLICT,
        ]
        assert order_of(again).provider_id == order_of(first).provider_id
        await until(lambda: store.book)
        assert len(store.book) == 1

    asyncio.run(story())


def test_an_order_goes_up_to_paid_and_comes_back() -> None:
    async def story() -> None:
        provider, store = service(return_share=1.0, return_after_ms=0.0)
        await provider.submit("main", ORDER)
        await until(lambda: store.by_number[KEY].status == "RETURNED")
        assert [kind for _, kind in store.book] == ["payout", "return"]

    asyncio.run(story())


def test_a_node_that_comes_back_sees_its_orders_through() -> None:
    async def story() -> None:
        provider, store = service(boot=1)
        left = ProviderOrder("po_1", "main", ORDER.order_no, 100, "EUR", "payee", "PROCESSING", "A")
        foreign = left._replace(provider_id="po_2", order_no="N-00000002", node="B")
        store.add(left, foreign)
        await provider.start()
        await until(lambda: store.by_id["po_1"].status == "PAID")
        assert store.book == [("po_1", "payout")]

    asyncio.run(story())


def test_ids_are_never_given_twice_not_even_by_a_successor() -> None:
    ids = set()
    for boot in range(3):
        provider, _ = service(boot=boot)
        ids |= {provider.new_id("main", ORDER.order_no) for _ in range(50)}
    assert len(ids) == 150


def test_busy_is_said_once_and_stores_nothing() -> None:
    async def story() -> None:
        provider, store = service(busy_share=1.0)
        assert said(await provider.submit("main", ORDER)) is RefusalKind.BUSY
        assert store.by_id == {}
        assert said(await provider.submit("main", ORDER)) is ResponseReason.ACCEPTED

    asyncio.run(story())


@pytest.mark.parametrize(
    ("status", "earlier"),
    [("PROCESSING", "PAID"), ("PAID", "RETURNED"), ("PAID", "DECLINED"), ("DECLINED", "PAID"), ("FAILED", "PAID")],
)
def test_statuses_never_go_back(status: str, earlier: str) -> None:
    assert earlier not in BEFORE[status]


def test_single_flight_shares_one_write() -> None:
    async def story() -> None:
        provider, store = service("single-flight")
        await provider.start()
        placed = 0
        place = store.place

        async def counted(order: ProviderOrder) -> tuple[ProviderOrder, bool]:
            nonlocal placed
            placed += 1
            return await place(order)

        store.place = counted  # type: ignore[method-assign]
        answers = await asyncio.gather(*(provider.submit("main", ORDER) for _ in range(5)))
        assert sorted(map(said, answers)) == [ResponseReason.ACCEPTED, *[ResponseReason.REPLAYED] * 4]
        assert len({order_of(a).provider_id for a in answers}) == 1
        assert placed == 1

    asyncio.run(story())


def test_an_order_is_found_by_the_provider_s_number_as_by_the_merchant_s() -> None:
    async def story() -> None:
        provider, store = service()
        first = order_of(await provider.submit("main", ORDER))
        second = first._replace(provider_id="po_2", amount=2)
        store.add(second)
        assert order_of(await provider.query_by_id("main", first.provider_id)).amount == ORDER.amount
        assert order_of(await provider.query_by_id("main", "po_2")).amount == 2
        assert said(await provider.query_by_id("other", first.provider_id)) is RefusalKind.NOT_FOUND
        assert said(await provider.query_by_id("main", "po_unknown")) is RefusalKind.NOT_FOUND

    asyncio.run(story())


def test_a_flaw_of_queries_is_one_by_the_provider_s_number_too() -> None:
    async def story() -> None:
        provider, _ = service("cached-not-found")
        assert said(await provider.query("main", ORDER.order_no)) is RefusalKind.NOT_FOUND
        accepted = order_of(await provider.submit("main", ORDER))
        assert said(await provider.query_by_id("main", accepted.provider_id)) is RefusalKind.NOT_FOUND

    asyncio.run(story())


def test_an_order_that_was_acknowledged_from_memory_is_found_by_the_provider_s_number() -> None:
    async def story() -> None:
        provider, store = service("ack-before-commit")
        accepted = order_of(await provider.submit("main", ORDER))
        assert store.by_id == {}
        assert order_of(await provider.query_by_id("main", accepted.provider_id)) == accepted

    asyncio.run(story())


def test_a_cancelled_order_is_never_given_to_the_bank() -> None:
    async def story() -> None:
        provider, store = service()
        await provider.submit("main", ORDER)
        cancelled = await provider.cancel("main", ORDER.order_no)  # before the task that sees it through has begun
        assert (said(cancelled), order_of(cancelled).status) == (ResponseReason.CANCELLED, "CANCELLED")
        assert await provider.cancel("main", ORDER.order_no) == cancelled
        await until(lambda: not provider.tasks.running)
        assert store.by_number[KEY].status == "CANCELLED"
        assert store.book == []

    asyncio.run(story())


def test_what_the_bank_has_cannot_be_cancelled_and_neither_can_nothing() -> None:
    async def story() -> None:
        provider, store = service()
        assert said(await provider.cancel("main", ORDER.order_no)) is RefusalKind.NOTHING_TO_CANCEL
        await provider.submit("main", ORDER)
        await until(lambda: store.by_number[KEY].status == "PAID")
        assert said(await provider.cancel("main", ORDER.order_no)) is RefusalKind.TOO_LATE_TO_CANCEL
        assert said(await provider.cancel("other", ORDER.order_no)) is RefusalKind.NOTHING_TO_CANCEL

    asyncio.run(story())


@pytest.mark.parametrize(
    ("variant", "announced"),
    [(None, ["PROCESSING", "PAID", "RETURNED"]), ("late-success", ["PROCESSING", "PAID", "RETURNED", "PAID"])],
)
def test_every_status_that_was_written_is_announced_once(variant: str | None, announced: list[str]) -> None:
    async def story() -> None:
        provider, _ = service(variant, return_share=1.0, return_after_ms=0.0, duplicate_callback_share=1.0)
        told: list[ProviderOrder] = []
        provider.announced = told.append
        await provider.submit("main", ORDER)
        await until(lambda: provider.channel.counters["duplicate_callbacks"] and not provider.tasks.running)
        assert [order.status for order in told] == announced
        assert {order.submission for order in told} == {ORDER}

    asyncio.run(story())


def test_what_a_node_remembers_of_its_orders_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PaymentService, "MOST_REMEMBERED", 3)
    numbers = [f"N-{n:08}" for n in range(5)]

    async def story() -> None:
        provider, store = service(busy_share=1.0)
        for number in numbers:
            assert said(await provider.submit("main", ORDER._replace(order_no=number))) is RefusalKind.BUSY
            await provider.submit("main", ORDER._replace(order_no=number))
        await until(lambda: len(store.book) == 5)
        assert [number for _, number in provider.was_busy] == numbers[-3:]
        assert len(provider._begun) == 3

    asyncio.run(story())


def test_an_order_that_runs_is_not_taken_up_though_it_was_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PaymentService, "MOST_REMEMBERED", 1)

    async def story() -> None:
        provider, store = service(boot=1, latency_ms=30.0)
        for number in ("N-00000001", "N-00000002"):
            await provider.submit("main", ORDER._replace(order_no=number))
        await provider.start()
        await until(lambda: len(store.book) == 2)
        assert provider.channel.counters["payments"] == 2

    asyncio.run(story())
