"""The emulator between a front and a service: what is asked reaches the service, what it replies
reaches whoever asked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import pytest

from ackord.contract.emulate.domain_responses import ProviderMovement, ProviderOrder
from ackord.errors import UsageError
from ackord.providers.emulator.callback_deliveries import CallbackDeliveries
from ackord.providers.emulator.emulator import Emulator, TimestampNonceSource

from ..stage import KEY, service, until
from .fakes import PlainFront, ask

HERE, THERE = "http://127.0.0.1:1", "http://127.0.0.1:2/there"


class Sent(NamedTuple):
    about: str
    address: str
    target: str


class Postbox(CallbackDeliveries):
    """Keeps what it is to deliver."""

    def __init__(self) -> None:
        super().__init__(TimestampNonceSource(lambda: 17, "P0"))
        self.sent: list[Sent] = []

    def send(self, about: str, address: str, calls: Any) -> None:
        self.sent += [Sent(about, address, call.request.target) for call in calls]


class Stage:
    def __init__(
        self,
        *,
        callbacks: str = "",
        deferred: bool = False,
        variant: str | None = None,
        calls_again: bool = False,
        **levers: float,
    ):
        self.front = PlainFront(deferred=deferred)
        self.service, self.store = service(variant, **levers)
        self.postbox = Postbox()
        self.emulator = Emulator(
            self.front, self.service, TimestampNonceSource(lambda: 17, "A0"), self.postbox, callbacks,
            calls_again=calls_again,
        )  # fmt: skip

    async def said(self, what: str, **values: Any) -> list[str]:
        words: list[str] = json.loads((await self.emulator.handle(ask(what, **values))).body)
        return words

    async def settled(self) -> None:
        await until(lambda: not self.service.tasks.running)


def play(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(story())


def test_an_order_s_life_in_another_s_words() -> None:
    async def story() -> None:
        stage = Stage()
        telling, provider_id = await stage.said("submit")
        assert telling == "accepted"
        assert await stage.said("submit") == ["replayed", provider_id]
        assert (await stage.said("submit", amount=7))[0] == "conflict"
        assert await stage.said("query", order_no="N-00000001") == ["shown", provider_id]
        assert await stage.said("query", provider_id=provider_id) == ["shown", provider_id]
        assert (await stage.said("query", order_no="N-00000002"))[0] == "not_found"
        await stage.settled()
        assert stage.store.by_number[KEY].status == "PAID"

    play(story)


def test_cancelling_by_either_number() -> None:
    async def story() -> None:
        stage = Stage()
        _, provider_id = await stage.said("submit")
        assert await stage.said("cancel", order_no="N-00000001") == ["cancelled", provider_id]
        assert await stage.said("cancel", provider_id=provider_id) == ["cancelled", provider_id]
        assert (await stage.said("cancel", provider_id=provider_id, account="other"))[0] == "nothing_to_cancel"
        assert (await stage.said("cancel", order_no="N-00000002"))[0] == "nothing_to_cancel"

    play(story)


def test_a_ledger_of_the_account_that_asks_or_of_all() -> None:
    async def story() -> None:
        stage = Stage()
        asked: list[tuple[str | None, int, int, int]] = []

        async def movements(
            account: str | None, after: int, limit: int, skip: int, of: tuple[str, str]
        ) -> list[ProviderMovement]:
            asked.append((account, after, limit, skip))
            return [ProviderMovement(8, "main", "N-00000001", "po_1", 100, "payout")]

        stage.store.movements = movements  # type: ignore[attr-defined]
        assert await stage.said("ledger", after=7, limit=5) == ["N-00000001"]
        await stage.said("ledger", after=0, limit=100, of_all=True, skip=200)
        assert asked == [("main", 7, 5, 0), (None, 0, 100, 200)]

    play(story)


def test_what_comes_first_and_what_is_no_question() -> None:
    async def story() -> None:
        stage = Stage()
        assert await stage.said("prepare", name="quote", values={}) == ["PrerequisiteMet"]
        assert await stage.said("nonsense") == ["invalid_request", "/nonsense"]

    play(story)


def test_a_database_that_cannot_be_reached_is_told() -> None:
    async def story() -> None:
        stage = Stage()

        async def unreachable(*_: object) -> ProviderOrder | None:
            raise ConnectionRefusedError

        stage.store.find = unreachable  # type: ignore[method-assign]
        assert (await stage.said("query", order_no="N-00000001"))[0] == "unavailable"

    play(story)


def test_flaws_are_told_in_any_words() -> None:
    async def story() -> None:
        stage = Stage(variant="resubmit-reads-failed")
        await stage.said("submit")
        assert (await stage.said("submit"))[0] == "rejected"

    play(story)


def test_no_two_answers_have_the_same_moment() -> None:
    async def story() -> None:
        stage = Stage()
        for _ in range(3):
            await stage.said("query", order_no="N-00000001")
        moments = stage.front.moments
        assert len({timestamp_nonce.nonce for timestamp_nonce in moments}) == 3
        assert {timestamp_nonce.unix_s for timestamp_nonce in moments} == {17}
        assert all(timestamp_nonce.nonce.isalnum() and len(timestamp_nonce.nonce) <= 32 for timestamp_nonce in moments)

    play(story)


# Callbacks.


@pytest.mark.parametrize(
    ("usual", "named", "address"), [(HERE, "", f"{HERE}/main"), (HERE, THERE, THERE), ("", THERE, THERE), ("", "", "")]
)
def test_every_status_is_announced_where_the_merchant_wants_it(usual: str, named: str, address: str) -> None:
    async def story() -> None:
        stage = Stage(callbacks=usual)
        await stage.said("submit", **({"callback_url": named} if named else {}))
        await stage.settled()
        about = "main/N-00000001"
        expected = [Sent(about, address, "/PROCESSING"), Sent(about, address, "/PAID")] if address else []
        assert stage.postbox.sent == expected

    play(story)


def test_a_query_that_was_only_taken_is_answered_by_a_callback() -> None:
    async def story() -> None:
        stage = Stage(deferred=True)
        await stage.said("query", order_no="N-00000001", callback_url=HERE)
        assert stage.postbox.sent == [Sent("main/N-00000001", HERE, "/later")]

    play(story)


def test_what_is_said_of_an_order_in_the_end_is_in_line_with_what_was_said_before() -> None:
    async def story() -> None:
        stage = Stage(callbacks=HERE, deferred=True)
        _, provider_id = await stage.said("submit", callback_url=THERE)
        await stage.said("query", provider_id=provider_id)
        assert stage.postbox.sent[-1] == Sent("main/N-00000001", THERE, "/later")

    play(story)


@pytest.mark.parametrize("what", ["submit", "query"])
def test_nobody_is_made_to_call_another_machine(what: str) -> None:
    async def story() -> None:
        stage = Stage(deferred=True)
        kind, message = await stage.said(what, callback_url="http://example.com/x")
        assert kind == "invalid_request"
        assert "example.com" in message
        assert stage.store.by_id == {}
        assert stage.postbox.sent == []

    play(story)


def test_the_usual_address_is_on_this_machine() -> None:
    with pytest.raises(UsageError, match=r"example\.com"):
        Stage(callbacks="http://example.com/x")


def test_of_the_addresses_that_came_with_orders_the_latest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Emulator, "MOST_NAMED", 1)

    async def story() -> None:
        stage = Stage(callbacks=HERE, latency_ms=30.0)
        for number in ("N-00000001", "N-00000002"):
            await stage.said("submit", order_no=number, callback_url=THERE)
        await stage.settled()
        paid = {sent.about: sent.address for sent in stage.postbox.sent if sent.target == "/PAID"}
        assert paid == {"main/N-00000001": f"{HERE}/main", "main/N-00000002": THERE}

    play(story)


@pytest.mark.parametrize(
    ("calls_again", "variant", "expected"),
    [(True, None, 1), (False, None, 0), (True, "resubmission-never-called-back", 0)],
)
def test_an_order_that_is_sent_again_after_its_end_is_called_back_anew(
    calls_again: bool, variant: str | None, expected: int
) -> None:
    async def story() -> None:
        stage = Stage(callbacks=HERE, variant=variant, calls_again=calls_again)
        await stage.said("submit")
        await stage.settled()
        before = len(stage.postbox.sent)
        assert before and stage.postbox.sent[-1].target == "/PAID"
        await stage.said("submit")
        await stage.said("submit", amount=7)
        again = stage.postbox.sent[before:]
        assert [sent.target for sent in again] == ["/PAID"] * expected

    play(story)
