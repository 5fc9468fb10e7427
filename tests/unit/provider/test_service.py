"""The provider's rules without HTTP and without a database: a store in memory with the same promises."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ackord.core.clock import RealClock
from ackord.core.seed import Seed
from ackord.provider.reference.channel import Channel, Levers
from ackord.provider.reference.service import Node, Service, Submission
from ackord.provider.reference.store import BEFORE, Order
from ackord.provider.reference.variants import variant_named


class MemoryStore:
    """One dictionary of orders, one of movements."""

    primary = standby = orders = None

    def __init__(self) -> None:
        self.by_number: dict[tuple[str, str], Order] = {}
        self.book: list[tuple[str, str]] = []

    async def place(self, order: Order) -> tuple[Order, bool]:
        await asyncio.sleep(0)
        standing = self.by_number.setdefault((order.account, order.order_no), order)
        return standing, standing is order

    async def find(self, lane: object, account: str, order_no: str) -> Order | None:
        return self.by_number.get((account, order_no))

    async def advance(self, provider_id: str, status: str, before: Any = None) -> bool:
        for key, order in self.by_number.items():
            if order.provider_id == provider_id and order.status in (before or BEFORE[status]):
                self.by_number[key] = order._replace(status=status)
                return True
        return False

    async def move(self, order: Order, kind: str) -> None:
        if (order.provider_id, kind) not in self.book:
            self.book.append((order.provider_id, kind))

    async def moved(self, provider_id: str, kind: str) -> bool:
        return (provider_id, kind) in self.book

    async def of_node(self, node: str, statuses: Any) -> list[Order]:
        return [order for order in self.by_number.values() if order.node == node and order.status in statuses]


ORDER = Submission("N-00000001", 100, "EUR", "payee")


def service(variant: str | None = None, boot: int = 0, **levers: float) -> tuple[Service, MemoryStore]:
    store: Any = MemoryStore()
    channel = Channel(store, Seed(1), Levers(**{"latency_ms": 0.0, "jitter_ms": 0.0, **levers}))
    return variant_named(variant)(Node("A", boot, Seed(1), RealClock(), store, channel)), store


async def until(true: Any) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0)


def test_first_accepted_then_replayed_then_refused() -> None:
    async def story() -> None:
        provider, store = service()
        first = await provider.submit("main", ORDER)
        again = await provider.submit("main", ORDER)
        other = await provider.submit("main", ORDER._replace(amount=1))
        assert [a.status for a in (first, again, other)] == [202, 200, 409]
        assert [a.replayed for a in (first, again, other)] == [False, True, False]
        await until(lambda: store.book)
        assert len(store.book) == 1

    asyncio.run(story())


def test_an_order_goes_up_to_paid_and_comes_back() -> None:
    async def story() -> None:
        provider, store = service(return_share=1.0, return_after_ms=0.0)
        await provider.submit("main", ORDER)
        await until(lambda: store.by_number["main", ORDER.order_no].status == "RETURNED")
        assert [kind for _, kind in store.book] == ["payout", "return"]

    asyncio.run(story())


def test_a_node_that_comes_back_sees_its_orders_through() -> None:
    async def story() -> None:
        provider, store = service(boot=1)
        left = Order("po_1", "main", ORDER.order_no, 100, "EUR", "payee", "PROCESSING", "A")
        foreign = left._replace(provider_id="po_2", order_no="N-00000002", node="B")
        store.by_number = {("main", left.order_no): left, ("main", foreign.order_no): foreign}
        await provider.start()
        await until(lambda: store.by_number["main", left.order_no].status == "PAID")
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
        assert (await provider.submit("main", ORDER)).status == 503
        assert store.by_number == {}
        assert (await provider.submit("main", ORDER)).status == 202

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

        async def counted(order: Order) -> tuple[Order, bool]:
            nonlocal placed
            placed += 1
            return await place(order)

        store.place = counted  # type: ignore[method-assign]
        answers = await asyncio.gather(*(provider.submit("main", ORDER) for _ in range(5)))
        assert sorted(a.status for a in answers) == [200, 200, 200, 200, 202]
        assert len({json.loads(a.body)["provider_id"] for a in answers}) == 1
        assert placed == 1

    asyncio.run(story())
