"""The bank channel's levers and decisions, without a database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from ackord.contract.emulate.domain_responses import ProviderOrder
from ackord.core.seed import Seed
from ackord.providers.service.bank_channel import ATTEMPTS_THAT_TIME_OUT, BankChannel, BankOutcome, ChannelSettings


class Book:
    """The one part of the store that the channel uses: movements."""

    def __init__(self) -> None:
        self.rows: set[tuple[str, str]] = set()

    async def move(self, order: ProviderOrder, kind: str) -> None:
        self.rows.add((order.provider_id, kind))

    async def moved(self, provider_id: str, kind: str) -> bool:
        return (provider_id, kind) in self.rows


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BankChannel, "patience_ms", 0.0)
    monkeypatch.setattr(BankChannel, "pays_late_ms", 0.0)


def order(number: str = "N-00000001", payee: str = "payee") -> ProviderOrder:
    return ProviderOrder(f"po_{number}", "main", number, 100, "EUR", payee, "ACCEPTED", "A")


def bank(**settings: float) -> tuple[BankChannel, Book]:
    book = Book()
    quick = {"latency_ms": 0.0, "jitter_ms": 0.0}
    return BankChannel(book, Seed(3), ChannelSettings(**{**quick, **settings})), book  # type: ignore[arg-type]


def test_paying_moves_money_and_says_so() -> None:
    channel, book = bank()
    assert asyncio.run(channel.pay(order())) is BankOutcome.PAID
    assert book.rows == {("po_N-00000001", "payout")}


def test_a_declined_payee_moves_nothing() -> None:
    channel, book = bank()
    assert asyncio.run(channel.pay(order(payee="declined-7"))) is BankOutcome.DECLINED
    assert book.rows == set()


def test_a_time_out_that_pays_is_unknown_first_and_paid_later() -> None:
    async def story() -> None:
        channel, book = bank(timeout_share=1.0, pays_share=1.0)
        assert await channel.pay(order()) is BankOutcome.UNKNOWN
        while not book.rows:
            assert await channel.inquire(order()) in (BankOutcome.UNKNOWN, BankOutcome.PAID)
        assert await channel.inquire(order()) is BankOutcome.PAID
        assert channel.counters["timeouts"] == channel.counters["payments"] == 1

    asyncio.run(story())


def test_a_time_out_that_does_not_pay_comes_to_light_and_passes_in_the_end() -> None:
    async def story() -> None:
        channel, book = bank(timeout_share=1.0, pays_share=0.0)
        for attempt in range(1, ATTEMPTS_THAT_TIME_OUT + 1):
            assert await channel.pay(order(), attempt) is BankOutcome.UNKNOWN
            assert await channel.inquire(order()) is BankOutcome.NOT_EXECUTED
        assert book.rows == set()
        assert await channel.pay(order(), ATTEMPTS_THAT_TIME_OUT + 1) is BankOutcome.PAID

    asyncio.run(story())


def test_an_orders_fate_hangs_on_its_number_and_the_seed_alone() -> None:
    channel, _ = bank(return_share=0.3)
    again, _ = bank(return_share=0.3)
    numbers = [f"N-{i:08d}" for i in range(400)]
    fates = [channel.returns(order(number)) for number in numbers]
    assert fates == [again.returns(order(number)) for number in reversed(numbers)][::-1]
    assert 80 < sum(fates) < 160


@pytest.mark.parametrize(
    ("lever", "value", "words"),
    [
        ("speed", 1, "no lever 'speed'"),
        ("timeout_share", 1.1, "from 0 to 1"),
        ("timeout_share", True, "from 0 to 1"),
        ("latency_ms", -1, "from 0 to 60000"),
        ("latency_ms", "5", "from 0 to 60000"),
    ],
)
def test_a_lever_that_makes_no_sense_is_refused(lever: str, value: object, words: str) -> None:
    settings = ChannelSettings()
    with pytest.raises(ValueError, match=words):
        settings.changed(**{lever: value})
    assert settings == ChannelSettings()


def test_levers_change_one_by_one() -> None:
    assert ChannelSettings().changed(latency_ms=5).changed(busy_share=1) == ChannelSettings(latency_ms=5, busy_share=1)


def test_the_latest_movements_are_entered_again_and_older_ones_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BankChannel, "MOST_BOOKED", 2)
    entered: list[str] = []

    class Entering(Book):
        async def move_again(self, booked: Iterable[tuple[ProviderOrder, str]]) -> int:
            entered.extend(f"{order.order_no} {kind}" for order, kind in booked)
            return len(entered)

    async def story() -> None:
        channel = BankChannel(Entering(), Seed(3), ChannelSettings(latency_ms=0.0, jitter_ms=0.0))  # type: ignore[arg-type]
        for number in ("A", "B", "C"):
            await channel.pay(order(number))
        assert await channel.book_again() == 2

    asyncio.run(story())
    assert entered == ["B payout", "C payout"]
