"""Orders that pull triggers: each trigger in its turn, within the limits, and followed to the declared end."""

from __future__ import annotations

import asyncio

from ackord.client.operation_request import OperationRequest
from ackord.contract.codec.codec import Interpretation
from ackord.core.amount_range import AmountRange
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.sandbox_trigger import TriggerPromise

from .stage import ACK, Answer, FakeClient, book, pays_at_once, reading, storm

DECLINED = TriggerPromise("declined", 999, leads_to=PaymentState.DECLINED)
BUSY = TriggerPromise("busy", payee="busy", answers=Observation.RETRYABLE)
BIG = TriggerPromise("big", 10**9, leads_to=PaymentState.FAILED)


def played(*triggers: TriggerPromise, orders: int, answer: Answer = pays_at_once) -> list[OperationRequest]:
    client = FakeClient(answer)
    player = storm(client)
    player.promised = Promises(triggers=triggers)
    asyncio.run(player.play(["sandbox-trigger"] * orders, concurrency=1))
    return client.calls


def test_each_trigger_is_pulled_in_its_turn() -> None:
    calls = [call for call in played(DECLINED, BUSY, orders=4) if call.kind is OperationKind.SUBMIT]
    assert [call.variation for call in calls] == ["trigger:declined", "trigger:busy"] * 2
    assert [call.payment.amount_minor for call in calls if call.variation == "trigger:declined"] == [999, 999]
    assert [call.payment.payee for call in calls if call.variation == "trigger:busy"] == ["busy", "busy"]


def test_a_trigger_beyond_the_limits_is_left_out() -> None:
    assert {call.variation for call in played(BIG, orders=1) if call.kind is OperationKind.SUBMIT} == {""}


def test_an_order_is_followed_to_the_declared_end() -> None:
    shown = iter([PaymentState.PROCESSING] * 5)

    def answer(call: OperationRequest) -> Interpretation:
        if call.kind is not OperationKind.QUERY:
            return ACK
        return reading(Observation.STATUS, next(shown, PaymentState.DECLINED))

    calls = played(DECLINED, orders=1, answer=answer)
    assert sum(call.kind is OperationKind.QUERY for call in calls) == 7
    assert calls[-2].kind is OperationKind.RESUBMIT


def test_ordinary_orders_have_no_triggers_amount() -> None:
    factory = book(amounts=AmountRange(100, 104).avoiding(frozenset({101, 102})))
    orders = [factory.create_order() for _ in range(40)]
    amounts = {o.payment.amount_minor for o in orders} | {o.altered().payment.amount_minor for o in orders}
    assert amounts == {100, 103, 104}
    assert all(o.altered().payment.amount_minor != o.payment.amount_minor for o in orders)
