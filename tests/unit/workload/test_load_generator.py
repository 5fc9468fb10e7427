"""Storms: the same play in every interleaving, and settling that ends."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

import pytest

from ackord.client.operation_request import OperationRequest
from ackord.contract.codec.codec import Payment
from ackord.core.clock import MS
from ackord.core.operation import OperationKind
from ackord.core.seed import Seed
from ackord.errors import UnknownNameError
from ackord.workload.load_generator import schedule_scenarios
from ackord.workload.order import WorkloadOrder

from .stage import ACK, BUSY, NOT_FOUND, OPEN, PAID, FakeClient, FastStorm, storm

WEIGHTS = {"plain": 4, "poll": 3, "resubmit": 3, "unknown": 1, "race": 2, "overtake": 1}


def by_order(calls: list[OperationRequest]) -> dict[int, Counter[OperationRequest]]:
    found: dict[int, Counter[OperationRequest]] = defaultdict(Counter)
    for call in calls:
        found[call.ordinal][call] += 1
    return found


def test_plots_are_dealt_in_proportion_and_spread() -> None:
    dealt = schedule_scenarios(WEIGHTS, 140)
    assert Counter(dealt) == {name: 10 * weight for name, weight in WEIGHTS.items()}
    for start in range(0, 140, 14):
        assert Counter(dealt[start : start + 14]) == WEIGHTS, "every stretch is the whole in small"


def test_a_smaller_storm_is_the_beginning_of_a_larger_one() -> None:
    assert schedule_scenarios(WEIGHTS, 100)[:37] == schedule_scenarios(WEIGHTS, 37)


def test_even_a_small_storm_plays_the_rare_plot() -> None:
    assert "unknown" in schedule_scenarios(WEIGHTS, 14)


def test_no_weights_no_storm() -> None:
    assert schedule_scenarios({}, 10) == []


def test_an_unknown_plot_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="overtake"):
        schedule_scenarios({"overtakes": 1}, 3)


def test_an_ordinal_means_the_same_plot_in_any_concurrency() -> None:
    scenarios = schedule_scenarios(WEIGHTS, 60)
    seed = Seed(3)

    def play(concurrency: int, slowness: int) -> dict[int, Counter[OperationRequest]]:
        client = FakeClient(turns=lambda call: 1 + seed.pick(slowness, call.ordinal, call.kind, call.attempt))
        asyncio.run(storm(client).play(scenarios, concurrency=concurrency))
        return by_order(client.calls)

    alone = play(1, 1)
    assert set(alone) == set(range(1, 61))
    for concurrency, slowness in ((2, 1), (7, 3), (60, 9), (500, 5)):
        assert play(concurrency, slowness) == alone


def test_the_storm_plays_as_many_at_a_time_as_it_may() -> None:
    open_now = most = 0

    class Counting(FakeClient):
        async def perform(self, call: OperationRequest):  # type: ignore[no-untyped-def]
            nonlocal open_now, most
            open_now += 1
            most = max(most, open_now)
            try:
                return await super().perform(call)
            finally:
                open_now -= 1

    asyncio.run(storm(Counting()).play(["late-resubmit"] * 20, concurrency=6))
    assert most == 6


def test_a_storm_that_is_stopped_plays_no_further_order() -> None:
    client = FakeClient()
    stormy = storm(client)
    asyncio.run(stormy.play(["late-resubmit"] * 50, concurrency=1, stop=lambda: len(client.calls) > 5))
    assert 0 < len(stormy.orders) < 5


def test_settling_asks_until_all_is_terminal() -> None:
    asked: Counter[int] = Counter()

    def answer(call: OperationRequest):  # type: ignore[no-untyped-def]
        if call.kind is not OperationKind.QUERY:
            return ACK
        asked[call.ordinal] += 1
        return OPEN if asked[call.ordinal] < 4 else FakeClient().answer(call)

    client = FakeClient(answer)
    stormy = storm(client)
    asyncio.run(stormy.play(["plain"] * 5, concurrency=5))
    asyncio.run(stormy.settle(within_ms=10_000))
    assert all(order.terminal for order in stormy.orders)
    assert set(asked.values()) == {4}


def test_settling_ends_when_time_is_up_and_looks_once_more() -> None:
    client = FakeClient(lambda call: OPEN if call.kind is OperationKind.QUERY else ACK)
    stormy = storm(client)
    asyncio.run(stormy.play(["plain"] * 3, concurrency=3))
    began_ms = stormy.now_ms
    asyncio.run(stormy.settle(within_ms=1000))
    assert 1000 <= stormy.now_ms - began_ms < 2000
    assert client.calls[-3:] == [c for c in client.calls[-3:] if c.kind is OperationKind.QUERY]


def test_the_time_that_questions_take_counts_for_the_limit() -> None:
    class Slow(FakeClient):
        async def perform(self, call: OperationRequest):  # type: ignore[no-untyped-def]
            self.clock.sleep_ns(300 * MS)
            return await super().perform(call)

    client = Slow(lambda call: OPEN if call.kind is OperationKind.QUERY else ACK)
    stormy = storm(client)
    asyncio.run(stormy.play(["plain"] * 40, concurrency=1))
    before, began_ms = len(client.calls), stormy.now_ms
    asyncio.run(stormy.settle(within_ms=1000))
    asked = client.calls[before:]
    last_look = asked[-40:]
    assert [c.ordinal for c in last_look] == list(range(1, 41)), "each order is asked for once more"
    assert stormy.now_ms - began_ms < 1000 + (40 + 16) * 300 + 200, "what was under way, a pause, the last look"
    assert len(asked) < 40 + 16


def test_settling_sends_undecided_writes_again_but_not_for_ever() -> None:
    client = FakeClient(lambda call: NOT_FOUND if call.kind is OperationKind.QUERY else BUSY)
    stormy = storm(client)
    asyncio.run(stormy.play(["plain"], concurrency=1))
    asyncio.run(stormy.settle(within_ms=60_000))
    writes = [c for c in client.calls if c.kind is not OperationKind.QUERY]
    assert len(writes) == 9, "eight within the time, and one after it that shows what the number came to"
    assert {c.payment for c in writes} == {writes[0].payment}


def test_a_number_that_nobody_submitted_is_not_settled() -> None:
    client = FakeClient(lambda call: NOT_FOUND)
    stormy = storm(client)
    asyncio.run(stormy.play(["unknown"], concurrency=1))
    before = len(client.calls)
    asyncio.run(stormy.settle(within_ms=1000))
    assert len(client.calls) == before


def test_settling_looks_at_every_order_once_also_at_those_that_ended_before() -> None:
    client = FakeClient()
    stormy = storm(client)
    asyncio.run(stormy.play(["after-terminal"] * 20, concurrency=20))
    assert all(order.terminal for order in stormy.orders)
    before = len(client.calls)
    asyncio.run(stormy.settle(within_ms=1000))
    assert sorted(call.ordinal for call in client.calls[before:]) == list(range(1, 21))
    assert {call.kind for call in client.calls[before:]} == {OperationKind.QUERY}


def test_an_order_that_was_not_found_is_asked_for_again_although_it_had_ended() -> None:
    asked: Counter[int] = Counter()

    def answer(call: OperationRequest):  # type: ignore[no-untyped-def]
        if call.kind is OperationKind.QUERY:
            asked[call.ordinal] += 1
            if 3 <= asked[call.ordinal] < 6:
                return NOT_FOUND
        return FakeClient().answer(call)

    client = FakeClient(answer)
    stormy = storm(client)
    asyncio.run(stormy.play(["plain"], concurrency=1))
    asyncio.run(stormy.settle(within_ms=60_000))
    assert asked[1] < 3
    for _ in range(3 - asked[1]):
        asyncio.run(stormy.perform(stormy.orders[0], stormy.orders[0].query()))
    assert (stormy.orders[0].terminal, stormy.orders[0].missing) == (True, True)
    asyncio.run(stormy.settle(within_ms=60_000))
    assert not stormy.orders[0].missing


def test_orders_that_are_not_awaited_are_looked_at_once() -> None:
    client = FakeClient(lambda call: OPEN if call.kind is OperationKind.QUERY else ACK)
    stormy = storm(client)
    asyncio.run(stormy.play(["plain"] * 6, concurrency=6))
    before = len(client.calls)
    asyncio.run(stormy.settle(within_ms=2000, awaited=lambda order: order.ordinal <= 2))
    asked = Counter(call.ordinal for call in client.calls[before:])
    assert {asked[ordinal] for ordinal in range(3, 7)} == {1}
    assert min(asked[1], asked[2]) > 3


def foreign(stormy: FastStorm, *, in_doubt: bool, known: bool = False) -> WorkloadOrder:
    """An order of another client, of which nothing was acknowledged to it."""
    order = stormy.book.adopt(Payment("order-1", "main", 500, "EUR", "p", 0))
    order.in_doubt, order.known = in_doubt, known
    stormy.orders.append(order)
    return order


def lands_late(client: FakeClient, after_ms: float) -> None:
    client.answer = lambda call: PAID if client.clock.now_ns() >= after_ms * MS else NOT_FOUND


def test_an_order_that_never_reached_the_provider_is_not_waited_for() -> None:
    client = FakeClient(lambda call: NOT_FOUND)
    stormy = storm(client)
    foreign(stormy, in_doubt=False)
    asyncio.run(stormy.settle(within_ms=10_000, lands_ms=1000))
    assert (len(client.calls), stormy.now_ms) == (1, 0), "one question shows that nothing will come"


def test_an_order_that_may_still_land_is_asked_for_until_it_must_have() -> None:
    for after_ms, found in ((700, True), (5000, False)):
        client = FakeClient()
        lands_late(client, after_ms)
        stormy = storm(client)
        order = foreign(stormy, in_doubt=True)
        asyncio.run(stormy.settle(within_ms=10_000, lands_ms=1000))
        assert order.terminal is found
        assert 700 <= stormy.now_ms < 1500, "not for the time that an acknowledged one has"
        assert {call.kind for call in client.calls} == {OperationKind.QUERY}


def test_an_order_in_doubt_is_asked_for_twice_where_orders_land_at_once() -> None:
    client = FakeClient(lambda call: NOT_FOUND)
    stormy = storm(client)
    foreign(stormy, in_doubt=True)
    asyncio.run(stormy.settle(within_ms=10_000))
    assert len(client.calls) == 2


def test_what_the_provider_has_acknowledged_is_waited_for_as_long_as_it_may_take() -> None:
    client = FakeClient()
    lands_late(client, 8000)
    stormy = storm(client)
    order = foreign(stormy, in_doubt=False, known=True)
    asyncio.run(stormy.settle(within_ms=10_000, lands_ms=1000))
    assert order.terminal
