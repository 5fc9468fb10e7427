"""What may differ between providers that keep their promises: what is answered to a number that was seen before."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ackord.contract.emulate.domain_responses import RefusalKind, ResponseReason
from ackord.core.clock import SECOND
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import OtherPayloadAnswer, Promises, SamePayloadAnswer
from ackord.providers.service.behavior import ProviderBehavior
from ackord.providers.variants import variant_named

from ..stage import KEY, ORDER, order_of, said, service, until

ALTERED = ORDER._replace(amount=7)


@pytest.mark.parametrize(
    ("on_same_payload", "is_said", "status"),
    [
        (SamePayloadAnswer.REPLAY_CURRENT, ResponseReason.REPLAYED, "PAID"),
        (SamePayloadAnswer.REPLAY_ORIGINAL, ResponseReason.ACCEPTED_AGAIN, "ACCEPTED"),
        (SamePayloadAnswer.REJECT_WITH_POINTER, RefusalKind.DUPLICATE_POINTER, "PAID"),
    ],
)
def test_a_resubmission_is_answered_about_the_first_order(
    on_same_payload: SamePayloadAnswer, is_said: object, status: str
) -> None:
    async def story() -> None:
        provider, store = service(behavior=ProviderBehavior(on_same_payload=on_same_payload))
        first = order_of(await provider.submit("main", ORDER))
        await until(lambda: store.by_number[KEY].status == "PAID")
        again = await provider.submit("main", ORDER)
        assert (said(again), order_of(again)) == (is_said, first._replace(status=status))
        assert said(await provider.submit("main", ALTERED)) is RefusalKind.CONFLICT
        assert len(store.by_id) == 1

    asyncio.run(story())


def test_a_plain_rejection_says_nothing_of_the_first_order() -> None:
    async def story() -> None:
        provider, store = service(behavior=ProviderBehavior(on_same_payload=SamePayloadAnswer.REJECT_PLAIN))
        first = order_of(await provider.submit("main", ORDER))
        again = await provider.submit("main", ORDER)
        assert said(again) is RefusalKind.DUPLICATE_PLAIN
        assert first.provider_id not in str(again)
        assert len(store.by_id) == 1

    asyncio.run(story())


def test_without_idempotency_every_submission_moves_money() -> None:
    async def story() -> None:
        provider, store = service(behavior=ProviderBehavior(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT))
        replies = [await provider.submit("main", ORDER) for _ in range(3)]
        assert {said(r) for r in replies} == {ResponseReason.ACCEPTED}
        await until(lambda: len(store.book) == 3)
        assert {provider_id for provider_id, _ in store.book} == {order_of(r).provider_id for r in replies}

    asyncio.run(story())


def test_another_payload_may_be_answered_with_the_original() -> None:
    async def story() -> None:
        provider, store = service(behavior=ProviderBehavior(on_other_payload=OtherPayloadAnswer.REPLAY_ORIGINAL))
        first = await provider.submit("main", ORDER)
        altered = await provider.submit("main", ALTERED)
        assert (said(altered), order_of(altered)) == (ResponseReason.ACCEPTED_AGAIN, order_of(first))
        assert len(store.by_id) == 1

    asyncio.run(story())


def test_the_payload_may_be_part_of_the_identity() -> None:
    async def story() -> None:
        provider, store = service(behavior=ProviderBehavior(on_other_payload=OtherPayloadAnswer.NEW_MOVEMENT))
        first, other = order_of(await provider.submit("main", ORDER)), order_of(await provider.submit("main", ALTERED))
        assert (first.amount, other.amount) == (100, 7)
        for submission, standing in ((ORDER, first), (ALTERED, other)):
            again = await provider.submit("main", submission)
            assert (said(again), order_of(again).provider_id) == (ResponseReason.REPLAYED, standing.provider_id)
        assert len(store.by_id) == 2

    asyncio.run(story())


def test_a_number_is_new_again_after_its_retention() -> None:
    async def story() -> None:
        provider, store = service(behavior=ProviderBehavior(key_retention_ns=1000))
        first = order_of(await provider.submit("main", ORDER))
        store.now_ns = 1000
        assert said(await provider.submit("main", ALTERED)) is RefusalKind.CONFLICT
        store.now_ns = 1001
        again = await provider.submit("main", ALTERED)
        assert said(again) is ResponseReason.ACCEPTED
        assert order_of(again).provider_id != first.provider_id

    asyncio.run(story())


DAY_S = 86_400


@pytest.mark.parametrize(
    ("variant", "retention_s", "step_s", "then"),
    [
        (None, None, 40 * DAY_S, ResponseReason.REPLAYED),
        (None, DAY_S, 40 * DAY_S, ResponseReason.REPLAYED),  # the database's clock was not stepped
        (None, DAY_S, -40 * DAY_S, ResponseReason.REPLAYED),
        ("keys-expire-by-node-clock", None, 0, ResponseReason.REPLAYED),
        ("keys-expire-by-node-clock", None, DAY_S + 1, ResponseReason.ACCEPTED),
        ("keys-expire-by-node-clock", 7 * DAY_S, DAY_S + 1, ResponseReason.REPLAYED),
        ("keys-expire-by-node-clock", 7 * DAY_S, 7 * DAY_S + 1, ResponseReason.ACCEPTED),
        ("keys-expire-by-node-clock", None, -40 * DAY_S, ResponseReason.REPLAYED),
    ],
)
def test_a_step_of_the_node_s_clock_ages_a_number_where_the_node_judges_its_age(
    variant: str | None, retention_s: int | None, step_s: int, then: ResponseReason
) -> None:
    async def story() -> None:
        kept = None if retention_s is None else retention_s * SECOND
        provider, store = service(variant, behavior=ProviderBehavior(key_retention_ns=kept))
        assert said(await provider.submit("main", ORDER)) is ResponseReason.ACCEPTED
        provider.node.wall.stepped_ns = step_s * SECOND
        assert said(await provider.submit("main", ORDER)) is then
        payouts = 2 if then is ResponseReason.ACCEPTED else 1
        await until(lambda: len(store.book) == payouts)

    asyncio.run(story())


@pytest.mark.parametrize("returns", [True, False])
def test_a_payment_comes_back_where_that_is_a_manner(returns: bool) -> None:
    async def story() -> None:
        provider, store = service(behavior=ProviderBehavior(returns=returns), return_share=1.0, return_after_ms=0.0)
        order = order_of(await provider.submit("main", ORDER))
        await until(lambda: store.by_number[KEY].status == ("RETURNED" if returns else "PAID"))
        assert provider.comes_back(order) is returns

    asyncio.run(story())


RETURN = LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED)


@pytest.mark.parametrize(
    ("edges", "states_returns", "returns"),
    [
        ((RETURN,), True, True),
        ((RETURN._replace(within_ns=SECOND),), True, True),
        ((RETURN,), False, False),
        ((), True, False),
        ((RETURN._replace(target=PaymentState.FAILED),), True, False),
    ],
)
def test_a_payment_comes_back_where_the_contract_says_so_and_its_ledger_can(
    edges: tuple[LaterEdge, ...], states_returns: bool, returns: bool
) -> None:
    assert (
        ProviderBehavior.promised(Promises(later_edges=edges, ledger_shows_returns=states_returns)).returns is returns
    )


@pytest.mark.parametrize(
    ("caches", "then"),
    [(False, [ResponseReason.ACCEPTED, ResponseReason.REPLAYED]), (True, [RefusalKind.BUSY, RefusalKind.BUSY])],
)
def test_a_transient_error_may_be_the_number_s_answer_from_then_on(caches: bool, then: list[Any]) -> None:
    async def story() -> None:
        provider, _ = service(behavior=ProviderBehavior(caches_transient_errors=caches), busy_share=1.0)
        assert [said(await provider.submit("main", ORDER)) for _ in range(3)] == [RefusalKind.BUSY, *then]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("variant", "behavior", "is_said"),
    [
        (
            "replay-status-failed",
            ProviderBehavior(on_same_payload=SamePayloadAnswer.REPLAY_ORIGINAL),
            ResponseReason.REPLAYED,
        ),
        (
            "resubmit-reads-failed",
            ProviderBehavior(on_same_payload=SamePayloadAnswer.REPLAY_ORIGINAL),
            RefusalKind.REJECTED,
        ),
        ("transient-cached", ProviderBehavior(), RefusalKind.BUSY),
    ],
)
def test_a_flaw_goes_before_manners(variant: str, behavior: ProviderBehavior, is_said: object) -> None:
    async def story() -> None:
        provider, _ = service(variant, behavior=behavior, busy_share=float(is_said is RefusalKind.BUSY))
        await provider.submit("main", ORDER)
        assert said(await provider.submit("main", ORDER)) is is_said

    asyncio.run(story())


def test_a_number_is_unique_in_the_database_where_manners_and_variant_allow_it() -> None:
    unique, keys = "CREATE UNIQUE INDEX orders_number", "CREATE TABLE keys"
    for variant, behavior, is_unique in (
        ("primary-reads", ProviderBehavior(), True),
        (
            "primary-reads",
            ProviderBehavior(
                on_same_payload=SamePayloadAnswer.REJECT_PLAIN, on_other_payload=OtherPayloadAnswer.REPLAY_ORIGINAL
            ),
            True,
        ),
        ("primary-reads", ProviderBehavior(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT), False),
        ("primary-reads", ProviderBehavior(on_other_payload=OtherPayloadAnswer.NEW_MOVEMENT), False),
        ("primary-reads", ProviderBehavior(key_retention_ns=1), False),
        ("standby-dedup", ProviderBehavior(), False),
    ):
        tables = variant_named(variant).tables(behavior)
        assert ((unique in tables), (keys in tables)) == (is_unique, not is_unique), (variant, behavior)


def test_manners_are_those_that_a_contract_promises_and_travel_as_json() -> None:
    assert ProviderBehavior.promised(Promises()) == ProviderBehavior(returns=False)
    behavior = ProviderBehavior.promised(
        Promises(
            on_same_payload=SamePayloadAnswer.REJECT_PLAIN,
            on_other_payload=OtherPayloadAnswer.NEW_MOVEMENT,
            caches_transient_errors=True,
            key_retention_ns=5,
            key_scoped_by_account=False,
        )
    )
    assert behavior == ProviderBehavior(
        SamePayloadAnswer.REJECT_PLAIN, OtherPayloadAnswer.NEW_MOVEMENT, True, 5, scoped_by_account=False, returns=False
    )
    assert ProviderBehavior.from_json(json.loads(json.dumps(behavior.to_json()))) == behavior
    with pytest.raises(ValueError, match="politely"):
        ProviderBehavior.from_json({**ProviderBehavior().to_json(), "on_same_payload": "politely"})


def test_a_number_of_nobody_s_own_is_one_order_whoever_says_it() -> None:
    async def story() -> None:
        provider, store = service(behavior=ProviderBehavior(scoped_by_account=False))
        first = order_of(await provider.submit("main", ORDER))
        again, altered = await provider.submit("other", ORDER), await provider.submit("other", ALTERED)
        assert (said(again), order_of(again).provider_id) == (ResponseReason.REPLAYED, first.provider_id)
        assert said(altered) is RefusalKind.CONFLICT
        shown = order_of(await provider.query("other", ORDER.order_no))
        assert (shown.provider_id, shown.account) == (first.provider_id, "main")
        assert len(store.by_id) == 1

    asyncio.run(story())


def test_a_number_of_an_account_s_own_means_nothing_to_another() -> None:
    async def story() -> None:
        provider, _ = service(behavior=ProviderBehavior())
        first = order_of(await provider.submit("main", ORDER))
        assert said(await provider.query("other", ORDER.order_no)) is RefusalKind.NOT_FOUND
        assert order_of(await provider.submit("other", ALTERED)).provider_id != first.provider_id

    asyncio.run(story())
