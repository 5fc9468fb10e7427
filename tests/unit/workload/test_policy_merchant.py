"""The driver of a policy: actions become operations, answers become events, time is the clock's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ackord.client.operation_request import OperationRequest
from ackord.contract.base.field_types import Duration
from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.codec.codec import Interpretation, Payment
from ackord.core.clock import RealClock
from ackord.core.operation import Observation, OperationKind, Outcome
from ackord.core.payment_state import PaymentState
from ackord.core.seed import Seed
from ackord.merchant.events import Conclusion
from ackord.merchant.policy import MerchantPolicy
from ackord.merchant.polling import FixedPolling
from ackord.workload.policy_merchant import IntentRun, PolicyMerchant, PromptedTransport, pay_all

SOON = FixedPolling(every=Duration("1ms"))


def said(observation: str, state: str = "UNKNOWN", detail: str = "") -> Interpretation:
    return Interpretation(Outcome.OK, Observation[observation], PaymentState[state], None, None, detail)


ACK, MISSING, PAID = said("ACK"), said("NOT_FOUND"), said("STATUS", "SUCCEEDED")


class Stage:
    """A provider that answers each operation with the next of a list."""

    def __init__(self, policy: MerchantPolicy, *answers: Interpretation | None, **how: Any) -> None:
        self.asked: list[tuple[OperationKind, str, int]] = []
        self.ended: list[IntentRun] = []
        self._answers: Iterator[Interpretation | None] = iter(answers)
        self.merchant = PolicyMerchant(
            policy, self._perform, RealClock(), _payment, seed=Seed(1), on_end=self._ended, **how
        )

    async def _perform(self, call: OperationRequest) -> Interpretation | None:
        self.asked.append((call.kind, call.payment.order_no, call.attempt))
        return next(self._answers)

    async def _ended(self, intent: IntentRun) -> None:
        self.ended.append(intent)

    def pay(self) -> IntentRun:
        return asyncio.run(asyncio.wait_for(self.merchant.pay(0), 20))


def _payment(intent: int, number: int) -> Payment:
    return Payment(f"{intent}-{number}", "main", 100, "EUR", f"payee-{intent}")


def policy(**how: Any) -> MerchantPolicy:
    return MerchantPolicy(name="mine", poll=SOON, **how)


def test_it_follows_a_payment_to_its_end() -> None:
    stage = Stage(policy(), ACK, said("STATUS", "PROCESSING"), PAID)
    intent = stage.pay()
    assert intent.conclusion is Conclusion.PAID and stage.ended == [intent]
    assert stage.asked == [
        (OperationKind.SUBMIT, "0-0", 1), (OperationKind.QUERY, "0-0", 1), (OperationKind.QUERY, "0-0", 2),
    ]  # fmt: skip


def test_a_new_number_is_another_payment_of_the_same_thing() -> None:
    stage = Stage(policy(on_not_found="fail", merge="last"), ACK, MISSING, ACK, PAID)
    intent = stage.pay()
    assert [p.order_no for p in intent.payments] == ["0-0", "0-1"]
    assert len({p._replace(order_no="") for p in intent.payments}) == 1
    assert intent.conclusion is Conclusion.PAID


def test_no_answer_is_none() -> None:
    stage = Stage(policy(on_timeout="resubmit-same"), None, ACK, PAID)
    stage.pay()
    assert [kind for kind, _, _ in stage.asked] == [OperationKind.SUBMIT, OperationKind.RESUBMIT, OperationKind.QUERY]


@pytest.mark.parametrize(("verifies", "asked"), [(True, 3), (False, 2)])
def test_an_answer_that_is_not_genuine_is_told_as_such(verifies: bool, asked: int) -> None:
    forged = said("UNREADABLE", "SUCCEEDED", "not genuine: the signature is wrong")
    stage = Stage(policy(verifies_answers=verifies), ACK, forged, PAID)
    assert stage.pay().conclusion is Conclusion.PAID
    assert len(stage.asked) == asked


def test_it_gives_up_when_its_time_is_over() -> None:
    async def silent(call: OperationRequest) -> Interpretation | None:
        await asyncio.Event().wait()
        return None

    merchant = PolicyMerchant(policy(give_up_after="20ms"), silent, RealClock(), _payment, seed=Seed(1))
    assert asyncio.run(asyncio.wait_for(merchant.pay(0), 20)).conclusion is Conclusion.STUCK


def test_many_intents_are_paid_side_by_side_and_returned_in_their_order() -> None:
    most = running = 0

    async def perform(call: OperationRequest) -> Interpretation | None:
        nonlocal most, running
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return ACK if call.kind is OperationKind.SUBMIT else PAID

    merchant = PolicyMerchant(policy(), perform, RealClock(), _payment, seed=Seed(1))
    done = asyncio.run(pay_all(merchant, 5, concurrency=2))
    assert [intent.ordinal for intent in done] == [0, 1, 2, 3, 4] and most == 2


@pytest.mark.parametrize(("header", "waits"), [("1", True), ("soon", False), ("", False)])
def test_retry_after_reaches_the_policy(header: str, waits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Wire:
        async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
            return HttpResponse(503, {"retry-after": header}, b"")

        async def close(self) -> None: ...

    transport = PromptedTransport(Wire())
    answers = iter([said("RETRYABLE"), ACK, PAID])
    waited: list[int | None] = []

    async def perform(call: OperationRequest) -> Interpretation | None:
        await transport.send(HttpRequest("GET", "/", (), b""), timeout_ns=1)
        return next(answers)

    from ackord.workload import policy_merchant

    answered: Callable[..., Any] = policy_merchant.Answered

    def noted(*fields: Any) -> Any:
        waited.append(fields[4])
        return answered(*fields)

    monkeypatch.setattr(policy_merchant, "Answered", noted)
    merchant = PolicyMerchant(policy(honours_retry_after=False), perform, RealClock(), _payment, seed=Seed(1))
    asyncio.run(asyncio.wait_for(merchant.pay(0), 20))
    assert waited[0] == (10**9 if waits else None)
