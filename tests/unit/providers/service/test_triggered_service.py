"""Orders that pull a sandbox's triggers: each goes the declared way, and money with it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.contract.emulate.domain_responses import ReceivedOrder, RefusalKind, ResponseReason
from ackord.core.clock import RealClock, WallClock
from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState as S
from ackord.core.sandbox_trigger import TriggerPromise
from ackord.core.seed import Seed
from ackord.providers.service import triggered_service
from ackord.providers.service.bank_channel import BankChannel, ChannelSettings
from ackord.providers.service.behavior import ProviderBehavior
from ackord.providers.service.payment_service import NodeIdentity, PaymentService
from ackord.providers.service.triggered_service import with_triggers
from ackord.providers.variants import variant_named

from ..stage import ORDER, MemoryStore, said, until

LATE = TriggerPromise("late", payee="late", passes=(S.SUCCEEDED,), leads_to=S.FAILED)


def opened(trigger: TriggerPromise, variant: str = "primary-reads") -> tuple[PaymentService, MemoryStore]:
    store: Any = MemoryStore()
    channel = BankChannel(store, Seed(1), ChannelSettings(latency_ms=0.0, jitter_ms=0.0))
    behavior = ProviderBehavior(triggers=(trigger,))
    node = NodeIdentity("A", 0, Seed(1), RealClock(), WallClock(), store, channel, behavior)
    return with_triggers(variant_named(variant), behavior)(node), store


def paying(payee: str) -> ReceivedOrder:
    return ORDER._replace(payee=payee)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggered_service, "PAUSE_S", 0.0)


@pytest.mark.parametrize(
    ("passes", "end", "status", "book"),
    [
        ((), S.DECLINED, "DECLINED", []),
        ((), S.FAILED, "FAILED", []),
        ((), S.SUCCEEDED, "PAID", ["payout"]),
        ((S.SUCCEEDED,), S.RETURNED, "RETURNED", ["payout", "return"]),
        ((S.SUCCEEDED,), S.FAILED, "FAILED", ["payout", "return"]),
        ((), S.PROCESSING, "PROCESSING", []),
        ((), S.RECEIVED, "ACCEPTED", []),
    ],
)
def test_an_order_goes_the_declared_way(passes: tuple[S, ...], end: S, status: str, book: list[str]) -> None:
    async def play() -> None:
        provider, store = opened(TriggerPromise("t", payee="t", passes=passes, leads_to=end))
        assert said(await provider.submit("main", paying("t"))) is ResponseReason.ACCEPTED
        await until(lambda: not provider.tasks.running)
        assert [order.status for order in store.by_id.values()] == [status]
        assert [kind for _, kind in store.book] == book

    asyncio.run(play())


def test_an_ordinary_order_is_paid() -> None:
    async def play() -> None:
        provider, store = opened(LATE)
        await provider.submit("main", ORDER)
        await until(lambda: not provider.tasks.running)
        assert [order.status for order in store.by_id.values()] == ["PAID"]

    asyncio.run(play())


@pytest.mark.parametrize(
    ("answers", "leads_to", "kinds"),
    [
        (Observation.REJECTED, None, [RefusalKind.REJECTED] * 2),
        (Observation.RETRYABLE, None, [RefusalKind.BUSY] * 2),
        (Observation.RETRYABLE, S.SUCCEEDED, [RefusalKind.BUSY, ResponseReason.ACCEPTED]),
        (Observation.IN_PROGRESS, S.SUCCEEDED, [RefusalKind.IN_PROGRESS, ResponseReason.ACCEPTED]),
    ],
)
def test_submits_are_answered_as_declared(answers: Observation, leads_to: S | None, kinds: list[object]) -> None:
    async def play() -> list[object]:
        provider, _ = opened(TriggerPromise("t", payee="t", answers=answers, leads_to=leads_to))
        return [said(await provider.submit("main", paying("t"))) for _ in kinds]

    assert asyncio.run(play()) == kinds


def test_headers_pull_what_the_order_does_not_show() -> None:
    async def play() -> None:
        provider, store = opened(TriggerPromise("t", by_headers=True, leads_to=S.FAILED))
        provider.sandbox.pulled["main", ORDER.order_no] = "t"
        await provider.submit("main", ORDER)
        await until(lambda: not provider.tasks.running)
        assert [order.status for order in store.by_id.values()] == ["FAILED"]

    asyncio.run(play())


def test_a_sandbox_that_forgot_its_triggers_pays() -> None:
    ignoring, usual = variant_named("trigger-ignored"), variant_named("primary-reads")
    assert with_triggers(ignoring, ProviderBehavior(triggers=(LATE,))) is ignoring
    assert with_triggers(usual, ProviderBehavior()) is usual


def test_triggers_stay_the_same_through_a_configuration() -> None:
    behavior = ProviderBehavior(triggers=(LATE,))
    assert ProviderBehavior.from_json(behavior.to_json()) == behavior
