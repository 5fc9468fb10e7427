"""Calls of a user's own client become operations of the history, or are counted."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.gateway.exchange_record import DeliveryRecord, ExchangeRecord, FaultRecord
from ackord.client.provider_client import ClientState
from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.contract.signing.oauth2 import token_request
from ackord.core.event import Begin, Complete, FaultChange, OrderIntent
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.seed import Seed
from ackord.core.verdict import Result
from ackord.guarantees.judge import judge
from ackord.record.consistency import inconsistency
from ackord.record.recorder import Recorder
from ackord.run.foreign_calls import ForeignCalls
from ackord.workload.order_factory import OrderFactory

REFERENCE = load_contract("reference")
HEADER = RunHeader("reference", "none", "provider", Vantage.PROVIDER, 7, REFERENCE.codec.promises)
PAID = HttpResponse(
    202, {"content-type": "application/json"}, b'{"status": "PAID", "provider_id": "p1", "amount": 500}'
)
BUSY = HttpResponse(503, {"content-type": "application/json"}, b'{"code": "BUSY"}')
BODY = b'{"order_no": "order-0001", "amount": 500, "currency": "EUR", "payee": "p"}'
MISSING = HttpResponse(404, {"content-type": "application/json"}, b'{"code": "ORDER_NOT_FOUND"}')


class Stage:
    def __init__(self) -> None:
        self.recorder = Recorder(HEADER, REFERENCE.codec.read)
        self.book = OrderFactory(Seed(1), "x-", form=REFERENCE.contract.order_no.number_form(), account="main")
        self.state = ClientState()
        self.orders: list[Any] = []
        self.calls = ForeignCalls(REFERENCE, self.recorder, self.state, self.adopt, since_ns=100)

    def adopt(self, payment: Any) -> Any:
        order = self.book.adopt(payment)
        self.orders.append(order)
        return order

    def take(self, begin_ns: int, method: str, target: str, answer: HttpResponse | None, **more: Any) -> None:
        body = BODY if method == "POST" else b""
        request = HttpRequest(method, target, (("authorization", "Bearer sk_main"),), body)
        complete_ns = None if answer is None else begin_ns + 10
        end = "complete" if answer is not None else "timeout"
        record = ExchangeRecord("merchant", 0, 0, "", "A", begin_ns, complete_ns, request, answer, end=end)
        self.calls.take(record._replace(**more))

    def kinds(self) -> list[tuple[int, int, OperationKind, Vantage]]:
        return [(e.op, e.copy, e.kind, e.vantage) for e in self.recorder.events if isinstance(e, Begin)]


def test_an_order_s_life_is_judged_as_the_merchant_s_own() -> None:
    stage = Stage()
    stage.take(110, "POST", "/v1/orders", PAID)
    stage.take(130, "POST", "/v1/orders", PAID)
    stage.take(150, "GET", "/v1/orders/order-0001", PAID._replace(status=200))
    assert [kind for _, _, kind, vantage in stage.kinds() if vantage is Vantage.PROVIDER] == [
        OperationKind.SUBMIT, OperationKind.RESUBMIT, OperationKind.QUERY,
    ]  # fmt: skip
    history = stage.recorder.history()
    assert inconsistency(history) is None
    assert judge(history).of("acknowledged-order-visible").result is Result.HELD
    assert stage.state.numbers == {"p1": "order-0001"}
    assert stage.book.owns("order-0001") and stage.orders[0].acknowledged and not stage.orders[0].undecided
    assert str(stage.calls) == "3 calls of your own client judged"


def test_a_stale_answer_is_found() -> None:
    stage = Stage()
    stage.take(110, "POST", "/v1/orders", PAID)
    stage.take(150, "GET", "/v1/orders/order-0001", MISSING)
    assert judge(stage.recorder.history()).of("acknowledged-order-visible").result is Result.VIOLATED


def test_what_cannot_be_read_is_counted_by_its_reason() -> None:
    stage = Stage()
    stage.take(110, "GET", "/health?x=1", MISSING)
    stage.take(120, "GET", "/v1/movements?limit=500", PAID)
    stage.take(50, "GET", "/before", PAID)
    assert not stage.recorder.events
    assert str(stage.calls) == (
        "0 calls of your own client judged, 2 not judged: 1 x GET /health: no operation of the contract; "
        "1 x GET /v1/movements: a call of the ledger, which is about no order"
    )


def completes(stage: Stage) -> dict[Vantage, Complete]:
    return {e.vantage: e for e in stage.recorder.events if isinstance(e, Complete)}


def delivered(response: HttpResponse | None, *, detail: str = "") -> DeliveryRecord:
    request = HttpRequest("POST", "/v1/orders", (("authorization", "Bearer sk_main"),), BODY)
    return DeliveryRecord("merchant", -4, "A", 150, request, response, detail)


def test_an_answer_that_a_fault_kept_did_not_reach_the_client() -> None:
    stage = Stage()
    stage.take(110, "POST", "/v1/orders", PAID, op=-4, faults=("latency", "lost-answer"))
    assert Vantage.MERCHANT not in completes(stage), "the gateway has not told yet"
    stage.calls.take(delivered(None, detail="lost-answer kept the answer"))
    merchant, provider = completes(stage)[Vantage.MERCHANT], completes(stage)[Vantage.PROVIDER]
    assert (merchant.outcome, merchant.observation) == (Outcome.INFO, None)
    assert (merchant.at_ns, merchant.detail) == (150, "lost-answer kept the answer")
    assert provider.observation is Observation.ACK
    assert stage.orders[0].acknowledged and stage.orders[0].known, "the run asks for it later"


def test_what_the_gateway_never_tells_did_not_reach_the_client() -> None:
    stage = Stage()
    stage.take(110, "POST", "/v1/orders", PAID, op=-4, faults=("reset",))
    stage.calls.flush()
    stage.calls.take(delivered(PAID))
    assert completes(stage)[Vantage.MERCHANT].observation is None
    assert inconsistency(stage.recorder.history()) is None


def test_the_client_s_answer_is_the_one_that_the_gateway_gave() -> None:
    stage = Stage()
    stage.take(110, "POST", "/v1/orders", PAID, op=-4, faults=("error-substitution",))
    stage.calls.take(delivered(BUSY))
    assert completes(stage)[Vantage.MERCHANT].observation is Observation.RETRYABLE
    assert completes(stage)[Vantage.PROVIDER].observation is Observation.ACK


def test_a_request_that_never_reached_the_provider_is_a_call_all_the_same() -> None:
    stage = Stage()
    stage.calls.take(FaultRecord("merchant", "error-substitution", -4, 140, {"status": 503}))
    stage.calls.take(delivered(BUSY))
    assert [(kind, vantage) for _, _, kind, vantage in stage.kinds()] == [(OperationKind.SUBMIT, Vantage.MERCHANT)]
    fired = [e for e in stage.recorder.events if isinstance(e, FaultChange)]
    assert [(e.fault, e.op) for e in fired] == [("error-substitution", 1)], "it stands at the call that it hit"
    assert inconsistency(stage.recorder.history()) is None


def test_a_fault_that_hit_no_call_of_the_contract_is_told_all_the_same() -> None:
    stage = Stage()
    stage.take(110, "GET", "/health", MISSING, op=-4, faults=("latency",))
    stage.calls.take(FaultRecord("merchant", "latency", -4, 111, {}))
    stage.calls.take(FaultRecord("merchant", "latency", -5, 112, {}))
    stage.calls.flush()
    assert [e.op for e in stage.recorder.events if isinstance(e, FaultChange)] == [0, 0]
    assert stage.calls.unread.total() == 1


def test_a_submit_says_which_thing_it_is_for() -> None:
    stage = Stage()
    stage.calls = ForeignCalls(
        REFERENCE, stage.recorder, stage.state, stage.adopt, since_ns=100, intent_of=lambda request: "invoice-7"
    )
    stage.take(110, "POST", "/v1/orders", PAID)
    stage.take(130, "GET", "/v1/orders/order-0001", PAID._replace(status=200))
    intents = [e for e in stage.recorder.events if isinstance(e, OrderIntent)]
    assert [(e.order, e.intent) for e in intents] == [("order-0001", "invoice-7")]


def test_a_call_without_an_answer_is_indeterminate() -> None:
    stage = Stage()
    stage.take(110, "POST", "/v1/orders", None)
    assert [e.detail for e in stage.recorder.events if isinstance(e, Complete)] == [
        "no answer before the merchant gave up"
    ] * 2
    assert not stage.orders[0].acknowledged


def test_copies_belong_to_their_original_whichever_is_told_first() -> None:
    stage = Stage()
    stage.take(112, "POST", "/v1/orders", PAID, copy=1)
    assert not stage.recorder.events
    stage.take(110, "POST", "/v1/orders", PAID)
    stage.take(114, "POST", "/v1/orders", PAID, copy=2)
    assert sorted((op, copy) for op, copy, _, vantage in stage.kinds() if vantage is Vantage.PROVIDER) == [
        (1, 0), (1, 1), (1, 2),
    ]  # fmt: skip
    assert stage.calls.judged == 1


def test_a_request_for_a_token_is_nobody_s_order() -> None:
    loaded = load_contract("paypal-payouts", env=PlaceholderEnv())
    recorder = Recorder(HEADER, loaded.codec.read)
    calls = ForeignCalls(loaded, recorder, ClientState(), lambda payment: None, since_ns=0)  # type: ignore[arg-type,return-value]
    holder = next(iter(loaded.codec.token_holders.values()))
    request = token_request(holder.settings)
    calls.take(ExchangeRecord("merchant", 0, 0, "", "A", 110, 120, request, PAID))
    assert not calls.unread and not calls.judged


@pytest.mark.parametrize(
    ("answer", "end", "in_doubt"),
    [
        (None, "timeout", True),
        (None, "reset", True),
        (None, "refused", False),
        (BUSY, "complete", True),
        (HttpResponse(200, {}, b"nonsense"), "complete", True),
        (PAID, "complete", False),
        (HttpResponse(400, {"content-type": "application/json"}, b'{"code": "BAD_AMOUNT"}'), "complete", False),
    ],
)
def test_a_submit_that_reached_the_provider_and_was_not_answered_is_in_doubt(
    answer: HttpResponse | None, end: str, in_doubt: bool
) -> None:
    stage = Stage()
    stage.take(110, "POST", "/v1/orders", answer, end=end)
    assert stage.orders[0].in_doubt is in_doubt


def test_a_request_that_was_never_sent_on_is_not_in_doubt() -> None:
    stage = Stage()
    stage.calls.take(delivered(None, detail="lost-request kept the request"))
    assert [order.in_doubt for order in stage.orders] == [False]
