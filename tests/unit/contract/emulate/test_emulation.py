"""A contract turned around: what it renders is understood, and what is answered is read as it was meant."""

from __future__ import annotations

import functools

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, Payment, Refund, RequestContext, ResponseContext
from ackord.contract.emulate.domain_requests import (
    InvalidRequest,
    LedgerRequest,
    OrderActionRequest,
    PrerequisiteRequest,
    ProviderRequest,
    QueryRequest,
    RefundRequest,
    SubmitRequest,
)
from ackord.contract.emulate.domain_responses import (
    MovementsResponse,
    OrderResponse,
    ProviderMovement,
    ProviderOrder,
    ProviderRefund,
    ProviderResponse,
    ReceivedOrder,
    RefundResponse,
    Refusal,
    RefusalKind,
    ResponseReason,
)
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract
from ackord.contract.signing.oauth2 import read_token, token_request
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.errors import UsageError

from ..support import codec

MOMENT = TimestampNonce(1_790_000_000, "9f8e7d6c")
UNPREPARED = HttpRequest("GET", "/", (), b"")


@functools.cache
def emulated(name: str) -> tuple[Codec, ContractEmulation]:
    found = load_contract(name, env=PlaceholderEnv()).codec
    emulation = ContractEmulation(found)
    for holder in found.token_holders.values():
        request = token_request(holder.settings)
        asked = emulation.understand(request, MOMENT)
        holder.token = read_token(emulation.answer(asked, MovementsResponse((), 0), request, MOMENT)).text
    return found, emulation


def payment(c: Codec, account: str = "") -> Payment:
    order_no = "000000000000000000000042"[-min(24, c.contract.order_no.length[1]) :]
    return Payment(order_no, account or c.contract.owner, 1999, c.contract.currency, "payee-7", MOMENT.unix_s - 9)


def captured(c: Codec) -> RequestContext:
    given = {name: f"cap-{name}" for part in c.contract.prerequisites for name in part.capture}
    return RequestContext(MOMENT, "http://127.0.0.1:9/callbacks", given)


def order_of(p: Payment, status: str = "ACCEPTED") -> ProviderOrder:
    return ProviderOrder("po_00a1", p.account, p.order_no, p.amount_minor, p.currency, p.payee, status, "A")


@pytest.mark.parametrize("name", contract_names("contracts"))
def test_what_a_contract_renders_is_understood(name: str) -> None:
    c, emulation = emulated(name)
    p, request_context = payment(c), captured(c)
    submit = emulation.understand(c.submit(p, request_context), MOMENT)
    assert isinstance(submit, SubmitRequest), submit
    assert (submit.account, submit.submission.amount, submit.submission.currency) == (p.account, 1999, p.currency)
    number = submit.submission.order_no
    query = emulation.understand(c.query(p, "po_00a1", request_context), MOMENT)
    assert isinstance(query, QueryRequest), query
    assert number == query.order_no or query.provider_id == "po_00a1"
    if c.contract.cancel:
        cancel = emulation.understand(c.request(OperationKind.CANCEL, p, "po_00a1", request_context), MOMENT)
        assert isinstance(cancel, OrderActionRequest) and (cancel.order_no or cancel.provider_id)
    if c.has_ledger:
        ledger = emulation.understand(c.ledger_page(cursor="17", request_context=request_context), MOMENT)
        # Nothing for one page; a movement; rows, or pages of a hundred from 1, that come before.
        assert isinstance(ledger, LedgerRequest) and (ledger.after, ledger.skip) in {
            (0, 0),
            (17, 0),
            (0, 17),
            (0, 1600),
        }
    for prerequisite in c.prerequisites:
        asked = emulation.understand(prerequisite.request(p, request_context), MOMENT)
        assert isinstance(asked, PrerequisiteRequest) and asked.name == prerequisite.name


@pytest.mark.parametrize("name", contract_names("contracts"))
def test_what_is_answered_is_read_as_it_was_meant(name: str) -> None:
    c, emulation = emulated(name)
    p, request_context = payment(c), captured(c)
    request = c.submit(p, request_context)
    asked = emulation.understand(request, MOMENT)
    assert isinstance(asked, SubmitRequest)
    response_context = ResponseContext(p.order_no, "po_00a1", p.account)
    requests = {OperationKind.SUBMIT: request, OperationKind.QUERY: c.query(p, "po_00a1", request_context)}

    def read(
        asked: ProviderRequest, reply: ProviderResponse, kind: OperationKind
    ) -> tuple[Observation, PaymentState, str | None, int | None]:
        reading = c.read(kind, emulation.answer(asked, reply, requests[kind], MOMENT), response_context)
        return reading.observation, reading.state, reading.provider_id, reading.amount_minor

    order = order_of(p)._replace(order_no=asked.submission.order_no)
    for telling in (ResponseReason.ACCEPTED, ResponseReason.REPLAYED):
        observation, _, provider_id, amount = read(asked, OrderResponse(order, telling), OperationKind.SUBMIT)
        assert observation is Observation.ACK
        assert provider_id in (None, "po_00a1") and amount in (None, 1999)
    refused = read(
        QueryRequest(p.account, order.order_no, "po_00a1"), Refusal(RefusalKind.BUSY, ""), OperationKind.QUERY
    )[0]
    assert refused is Observation.RETRYABLE
    busy = read(asked, Refusal(RefusalKind.BUSY, "later"), OperationKind.SUBMIT)
    assert busy[0] is Observation.RETRYABLE
    conflict = read(asked, Refusal(RefusalKind.CONFLICT, "no"), OperationKind.SUBMIT)[0]
    assert conflict in (Observation.CONFLICT, Observation.REJECTED, Observation.UNREADABLE)
    query = QueryRequest(p.account, order.order_no, order.provider_id)
    if emulation.deferred:
        return
    for status, state in (("PROCESSING", PaymentState.PROCESSING), ("PAID", PaymentState.SUCCEEDED)):
        found = read(query, OrderResponse(order._replace(status=status), ResponseReason.SHOWN), OperationKind.QUERY)
        near = {PaymentState.PROCESSING: {PaymentState.PROCESSING, PaymentState.RECEIVED}}
        assert found[0] is Observation.STATUS and found[1] in near.get(state, {state})
        assert found[2] in (None, "po_00a1") and found[3] in (None, 1999)
    missing = read(query, Refusal(RefusalKind.NOT_FOUND, "none"), OperationKind.QUERY)
    assert missing[:2] == (Observation.NOT_FOUND, PaymentState.NOT_FOUND)


@pytest.mark.parametrize("name", contract_names("contracts"))
def test_prerequisites_and_pages_are_read_back(name: str) -> None:
    c, emulation = emulated(name)
    p, request_context = payment(c), captured(c)
    for prerequisite in c.prerequisites:
        request = prerequisite.request(p, request_context)
        answer = emulation.answer(emulation.understand(request, MOMENT), MovementsResponse((), 0), request, MOMENT)
        assert all(prerequisite.read(answer).values())
    if not c.has_ledger:
        return
    moves = (ProviderMovement(4, c.contract.owner, "n-1", "po_00a1", 1999, "payout"),)
    request = c.ledger_page(request_context=request_context)
    asked = emulation.understand(request, MOMENT)
    response_context = ResponseContext(account=c.ledger_account, request=request, at=MOMENT)
    answer = emulation.answer(asked, MovementsResponse(moves, 4), request, MOMENT)
    page = c.read_ledger_page(answer, numbers={"po_00a1": "n-1"}, response_context=response_context)
    assert not page.problem
    assert [(row.movement_id, row.order_no, row.amount_minor, row.kind) for row in page.rows] == [
        ("4", "n-1", 1999, "payout")
    ]
    last = c.read_ledger_page(
        emulation.answer(asked, MovementsResponse((), 4), request, MOMENT), response_context=response_context
    )
    assert last.rows == () and last.next_cursor is None and not last.problem


@pytest.mark.parametrize("name", ["reference", "square-payments", "stripe-payment-intents"])
def test_a_refund_is_understood_and_its_answers_are_read_as_they_were_meant(name: str) -> None:
    c, emulation = emulated(name)
    paid = payment(c)
    request = c.request(OperationKind.REFUND, paid, "po_00a1", captured(c), Refund("R-000000000000000001", 500))
    asked = emulation.understand(request, MOMENT)
    assert isinstance(asked, RefundRequest)
    assert (asked.refund_no, asked.amount) == ("R-000000000000000001", 500)
    assert asked.order_no == paid.order_no or asked.provider_id == "po_00a1"
    refund = ProviderRefund("re_1", asked.refund_no, "po_00a1", paid.account, paid.order_no, 500, paid.currency, "A")
    replies: list[tuple[ProviderResponse, Observation]] = [
        (RefundResponse(refund, again=False), Observation.ACK),
        (RefundResponse(refund, again=True), Observation.ACK),
        (Refusal(RefusalKind.NOT_REFUNDABLE, ""), Observation.REJECTED),
        (Refusal(RefusalKind.CONFLICT, ""), Observation.CONFLICT),
        (Refusal(RefusalKind.UNAVAILABLE, ""), Observation.RETRYABLE),
    ]
    for reply, observation in replies:
        answer = emulation.answer(asked, reply, request, MOMENT)
        reading = c.read(OperationKind.REFUND, answer, ResponseContext(paid.order_no, account=paid.account))
        assert reading.observation is observation, (answer, reading)
        if observation is Observation.ACK:
            assert (reading.provider_id, reading.amount_minor) == ("re_1", 500)


def test_refunds_stand_in_the_ledger_only_where_it_has_a_kind_for_them() -> None:
    moves = (ProviderMovement(4, "main", "n-1", "po_00a1", 40, "refund", refund_no="R1"),)
    for name, kinds in (("reference", [("refund", "R1")]), ("square-payments", [])):
        c, emulation = emulated(name)
        request = c.ledger_page()
        answer = emulation.answer(emulation.understand(request), MovementsResponse(moves, 4), request)
        rows = c.read_ledger_page(answer, numbers={"po_00a1": "n-1"}).rows
        assert [(row.kind, row.refund_no) for row in rows] == kinds


def test_what_left_is_negative_where_the_sign_tells_it() -> None:
    c = codec("amount_minor: $.amount, kind: $.kind}\nstates", "amount_minor: $.amount}\n  sign: negative_out\nstates")
    emulation = ContractEmulation(c)
    request = c.ledger_page()
    moves = tuple(
        ProviderMovement(n, "main", "n-1", "po_00a1", 1999, kind) for n, kind in ((4, "payout"), (5, "return"))
    )
    answer = emulation.answer(emulation.understand(request), MovementsResponse(moves, 5), request)
    assert b"-1999" in answer.body
    assert [(row.kind, row.amount_minor) for row in c.read_ledger_page(answer).rows] == [
        ("payout", 1999),
        ("return", 1999),
    ]
    assert c.promises.ledger_shows_returns


@pytest.mark.parametrize("place", ['{from: $.links.next, regex: "cursor=([^&]+)"}', "header.x-after-cursor"])
def test_a_page_says_where_the_next_begins(place: str) -> None:
    c = codec("next: $.next", f"next: {place}")
    emulation = ContractEmulation(c)
    request = c.ledger_page()
    asked = emulation.understand(request)
    moves = (ProviderMovement(4, "main", "n-1", "po_00a1", 1999, "payout"),)
    assert c.read_ledger_page(emulation.answer(asked, MovementsResponse(moves, 4), request)).next_cursor == "4"
    assert c.read_ledger_page(emulation.answer(asked, MovementsResponse((), 4), request)).next_cursor is None


@pytest.mark.parametrize("name", contract_names("contracts"))
def test_callbacks_are_read_as_they_were_meant_and_the_reply_ends_them(name: str) -> None:
    c, emulation = emulated(name)
    order = order_of(payment(c), "PAID")
    for call in emulation.announce(order):
        called = c.callbacks.read(call.signed(MOMENT), {order.provider_id: order.order_no})
        assert called is not None and called.order_no == order.order_no
        assert (called.reading.observation, called.reading.state) == (Observation.STATUS, PaymentState.SUCCEEDED)
        assert call.taken(called.reply)
        assert not call.taken(HttpResponse(500, {}, called.reply.body))


def small(old: str = "", new: str = "") -> ContractEmulation:
    return ContractEmulation(codec(old, new))


def test_who_is_not_known_is_told_so() -> None:
    c, emulation = emulated("reference")
    request = c.submit(payment(c))
    stranger = request._replace(headers=tuple(h for h in request.headers if h[0] != "authorization"))
    asked = emulation.understand(stranger)
    assert isinstance(asked, InvalidRequest) and asked.refusal.kind is RefusalKind.UNAUTHORIZED
    answer = emulation.answer(asked, asked.refusal, stranger)
    assert c.read(OperationKind.SUBMIT, answer).observation is Observation.REJECTED


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"target": "/v1/nothing"}, RefusalKind.INVALID_REQUEST),
        ({"method": "PUT"}, RefusalKind.INVALID_REQUEST),
        ({"body": b"<xml/>"}, RefusalKind.INVALID_REQUEST),
        ({"body": b'{"order_no":"12345678","amount":-5,"currency":"EUR","payee":"x"}'}, RefusalKind.INVALID_REQUEST),
        (
            {"body": b'{"order_no":"12345678","amount":"five","currency":"EUR","payee":"x"}'},
            RefusalKind.INVALID_REQUEST,
        ),
        ({"body": b'{"order_no":"12345678"}'}, RefusalKind.INVALID_REQUEST),
    ],
)
def test_what_is_no_request_is_refused(change: dict[str, object], kind: RefusalKind) -> None:
    c, emulation = emulated("reference")
    asked = emulation.understand(c.submit(payment(c))._replace(**change))  # type: ignore[arg-type]
    assert isinstance(asked, InvalidRequest) and asked.refusal.kind is kind


def test_a_merchant_may_send_more_than_the_contract_speaks_of_and_another_note() -> None:
    emulation = small()
    body = b'{"note":"other words","amount":5,"no":"n-1","extra":{"a":[1]}}'
    request = HttpRequest("POST", "/orders", (("Authorization", "Bearer sk_main"),), body)
    asked = emulation.understand(request)
    assert isinstance(asked, SubmitRequest)
    assert asked.submission == ReceivedOrder("n-1", 5, "EUR", "payee")


def test_a_contract_that_cannot_say_that_an_order_is_paid_is_refused() -> None:
    with pytest.raises(UsageError, match="paid") as failure:
        small("PAID: SUCCEEDED", "PAID: UNKNOWN")
    assert "mend" in str(failure.value)


def test_a_pattern_without_an_example_is_refused() -> None:
    with pytest.raises(UsageError, match="no such order"):
        small("$.code: NONE", '$.code: {regex: "^N(O|A)"}')
    assert small("$.code: NONE", '$.code: {regex: "^N(O|A)", example: NOT}')


def test_an_answer_has_its_length() -> None:
    c, emulation = emulated("reference")
    request = c.submit(payment(c))
    answer: HttpResponse = emulation.answer(emulation.understand(request), Refusal(RefusalKind.BUSY, ""), request)
    assert answer.headers["content-length"] == str(len(answer.body))
