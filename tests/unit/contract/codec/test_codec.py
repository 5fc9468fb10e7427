"""A contract at work: requests, the ledger, fingerprints."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.codec.codec import LedgerPage, LedgerRow, Payment, compile_contract
from ackord.contract.loading.loader import load_contract
from ackord.core.operation import Observation, OperationKind, Outcome
from ackord.core.payment_state import PaymentState

from ..support import codec

PAYMENT = Payment("n-1", "main", 1999, "EUR", "someone")
CODEC = codec()


def test_a_submit() -> None:
    request = CODEC.submit(PAYMENT)
    assert request.method == "POST"
    assert request.target == "/orders"
    assert dict(request.headers) == {
        "accept": "application/json", "content-type": "application/json", "authorization": "Bearer sk_main",
    }  # fmt: skip
    assert json.loads(request.body) == {"no": "n-1", "amount": 1999, "note": "now"}


def test_a_query_of_another_account() -> None:
    request = CODEC.query(Payment("a/b", "other", 5, "EUR", ""))
    assert request == (
        "GET",
        "/orders/a%2Fb",
        (("accept", "application/json"), ("authorization", "Bearer sk_other")),
        b"",
    )


def test_a_contracts_own_headers_win_and_may_hold_the_number() -> None:
    small = codec(
        "path: /orders, json:",
        'path: /orders, headers: {Idempotency-Key: "${order_no}", Content-Type: application/vnd.x+json}, json:',
    )
    headers = small.submit(PAYMENT).headers
    assert ("Idempotency-Key", "n-1") in headers
    assert [value for name, value in headers if name.lower() == "content-type"] == ["application/vnd.x+json"]
    with pytest.raises(ValueError, match="cannot stand in a header"):
        small.submit(PAYMENT._replace(order_no="a\r\nb"))


def test_an_account_that_is_not_in_the_contract() -> None:
    with pytest.raises(KeyError):
        CODEC.submit(PAYMENT._replace(account="nobody"))


def test_pages_of_the_ledger_begin_without_a_cursor() -> None:
    assert CODEC.ledger_page().target == "/moves"
    assert CODEC.ledger_page(cursor="a=b").target == "/moves?after=a%3Db"
    assert ("authorization", "Bearer sk_other") in CODEC.ledger_page("other").headers


def page(body: Any, status: int = 200, **more: Any) -> LedgerPage:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return CODEC.read_ledger_page(HttpResponse(status, {"content-type": "application/json"}, raw, **more))


ROW = {"id": "m1", "no": "n-1", "account": "acc_1", "amount": 5, "kind": "payout"}


def test_a_page_of_movements() -> None:
    found = page({"rows": [ROW, {**ROW, "id": 2, "no": None, "account": "acc_9", "kind": "return"}], "next": "c"})
    assert found == LedgerPage(
        (LedgerRow("m1", "n-1", "main", 5, "payout"), LedgerRow("2", "", "acc_9", 5, "return")), "c"
    )
    assert (
        page({"rows": []}) == page({"rows": [], "next": None}) == page({"rows": [], "next": ""}) == LedgerPage((), None)
    )


@pytest.mark.parametrize(
    ("place", "headers", "body"),
    [
        ('{from: $.links.next, regex: "cursor=([^&]+)"}', {}, {"links": {"next": "https://x/moves?cursor=c7&limit=5"}}),
        ("header.x-after-cursor", {"x-after-cursor": "c7"}, {}),
    ],
)
def test_the_next_page_may_stand_in_a_link_or_in_a_header(place: str, headers: dict[str, str], body: Any) -> None:
    small = codec("next: $.next", f"next: {place}")
    answer = HttpResponse(200, headers, json.dumps({"rows": [], **body}).encode())
    assert small.read_ledger_page(answer).next_cursor == "c7"
    assert small.read_ledger_page(HttpResponse(200, {}, b'{"rows": []}')).next_cursor is None


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "not valid JSON"),
        ({"rows": {}}, "list of movements is missing"),
        ({}, "list of movements is missing"),
        ({"rows": [ROW], "next": ["c"]}, "cursor is a list"),
        ({"rows": [{**ROW, "kind": "fee"}]}, "unknown kind 'fee'"),
        ({"rows": [{**ROW, "amount": 5.5}]}, "amount is a fraction"),
        ({"rows": [{**ROW, "amount": None}]}, "m1 has no amount"),
        ({"rows": [{**ROW, "account": None}]}, "has no account"),
        ({"rows": [7]}, "a movement has no id"),
    ],
)
def test_a_page_that_cannot_be_read_has_a_problem_and_no_rows(body: Any, says: str) -> None:
    found = page(body)
    assert found.rows == ()
    assert found.next_cursor is None
    assert says in found.problem


def test_an_error_or_a_cut_page_has_a_problem() -> None:
    assert "status 503" in page({"rows": []}, status=503).problem
    assert "cut off" in page({"rows": []}, truncated=True).problem


@given(st.binary(max_size=50), st.integers(0, 700))
def test_reading_a_page_never_raises(body: bytes, status: int) -> None:
    found = page(body, status)
    assert found.problem or found.rows == ()


def test_movements_that_cannot_be_told_apart_cannot_be_counted() -> None:
    assert page({"rows": [ROW, {**ROW, "kind": "return"}]}).problem.startswith(
        "the ledger cannot be read: two rows have one identifier, m1, so movements cannot be counted"
    )
    assert "a movement has no identifier" in page({"rows": [{**ROW, "id": None}]}).problem


def test_rows_without_an_identifier_are_a_movement_each_and_keep_their_names_when_the_list_grows() -> None:
    paged = (
        'path: /moves, query: {after: "${cursor}"}}\n  rows: $.rows\n  next: $.next\n  extract: {movement_id: $.id, '
    )
    small = codec(paged, "path: /moves}\n  rows: $.rows\n  extract: {")
    paid, back = {**ROW, "id": None}, {**ROW, "id": None, "kind": "return"}

    def names(*rows: Any) -> list[str]:
        answer = HttpResponse(200, {}, json.dumps({"rows": rows}).encode())
        return [row.movement_id for row in small.read_ledger_page(answer).rows]

    assert names(paid, back, paid) == ["n-1 payout 5 #1", "n-1 return 5 #1", "n-1 payout 5 #2"]
    assert set(names(paid, back)) < set(names({**paid, "no": "n-2"}, paid, back))
    assert names({**paid, "no": None}) == ["no order payout 5 #1"]


def test_rows_without_an_identifier_must_come_on_one_page() -> None:
    with pytest.raises(ValidationError, match="rows without an identifier may stand on two pages"):
        codec("{movement_id: $.id, ", "{")


def test_a_movement_s_currency_is_an_iso_code() -> None:
    small = codec("order_no: $.no, account", "order_no: $.no, currency: $.currency, account")

    def read(currency: Any) -> LedgerPage:
        body = json.dumps({"rows": [{**ROW, "currency": currency}]}).encode()
        return small.read_ledger_page(HttpResponse(200, {"content-type": "application/json"}, body))

    assert [row.currency for row in read("usd").rows + read(None).rows] == ["USD", ""]
    assert "is 'euro', expected an ISO 4217 code" in read("euro").problem


NO_KIND = (", kind: $.kind", "")


def signed_page(sign: str, *amounts: int, kind: str = "payout", change: tuple[str, str] = NO_KIND) -> LedgerPage:
    contract = codec(*change).contract
    assert contract.ledger is not None
    signed = contract.model_copy(update={"ledger": contract.ledger.model_copy(update={"sign": sign})})
    rows = [{**ROW, "id": f"m{i}", "amount": amount, "kind": kind} for i, amount in enumerate(amounts)]
    body = json.dumps({"rows": rows}).encode()
    return compile_contract(signed).read_ledger_page(HttpResponse(200, {"content-type": "application/json"}, body))


def test_the_sign_of_an_amount_may_tell_which_way_it_went() -> None:
    moved = [(row.kind, row.amount_minor) for row in signed_page("negative_out", -5, 7).rows]
    assert moved == [("payout", 5), ("return", 7)]
    assert "a payout by its kind and a return by its amount" in signed_page("negative_out", 7, change=("", "")).problem


def test_a_negative_amount_without_that_cannot_be_read() -> None:
    assert "a movement's amount is negative" in signed_page("plain", 5, -5).problem
    assert [row.amount_minor for row in signed_page("plain", 5).rows] == [5]


def test_an_operator_s_rows_without_an_account_are_nobody_s_in_particular() -> None:
    answer = HttpResponse(200, {"content-type": "application/json"}, json.dumps({"rows": [ROW]}).encode())
    contract = codec("account: $.account, ", "").contract
    assert contract.ledger is not None
    by_operator = contract.model_copy(update={"ledger": contract.ledger.model_copy(update={"account": "other"})})
    assert [row.account for row in compile_contract(contract).read_ledger_page(answer).rows] == ["main"]
    assert [row.account for row in compile_contract(by_operator).read_ledger_page(answer).rows] == [""]


def test_a_ledger_by_order_asks_for_one() -> None:
    by_order = codec("path: /moves,", 'path: "/moves/${order_no}",')
    assert by_order.ledger is not None and by_order.ledger.by_order
    assert by_order.ledger_page(payment=Payment("n/1", "main", 5, "EUR", "x")).target == "/moves/n%2F1"
    assert CODEC.ledger is not None and not CODEC.ledger.by_order


def test_a_contract_without_a_ledger() -> None:
    small = load_contract("reference").contract.model_copy(update={"ledger": None, "statement": None})
    without = type(CODEC)(small)
    assert not without.has_ledger
    assert not without.promises.has_ledger
    with pytest.raises(LookupError, match="has no ledger"):
        without.ledger_page()


def test_a_fingerprint_is_of_the_payload_not_of_who_sends_it() -> None:
    print_ = CODEC.fingerprint(PAYMENT)
    assert len(print_) == 16
    assert CODEC.fingerprint(PAYMENT._replace(account="other")) == print_
    assert CODEC.fingerprint(PAYMENT._replace(payee="not in the template")) == print_
    assert CODEC.fingerprint(PAYMENT._replace(amount_minor=2000)) != print_
    assert CODEC.fingerprint(PAYMENT._replace(order_no="n-2")) != print_


def test_volatile_fields_and_the_order_of_keys_do_not_count() -> None:
    def with_body(body: str) -> str:
        small = codec('json: {no: "${order_no}", amount: "${amount.minor}", note: now}', f"json: {body}")
        return small.fingerprint(PAYMENT)

    def ignored_fields(body: str, *paths: str) -> str:
        small = codec('json: {no: "${order_no}", amount: "${amount.minor}", note: now}', f"json: {body}")
        contract = small.contract.model_copy(update={"ignored_fields": list(paths)})
        return type(small)(contract).fingerprint(PAYMENT)

    assert with_body('{b: 1, a: "${order_no}"}') == with_body('{a: "${order_no}", b: 1}')
    assert with_body("{a: 1}") != with_body('{a: "1"}')
    assert ignored_fields("{a: 1, m: {t: 5, u: 6}}", "$.m.t") == with_body("{a: 1, m: {u: 6}}")
    assert ignored_fields("{a: 1, m: [5, 6]}", "$.m[0]", "$.none.x") == with_body("{a: 1, m: [6]}")
    assert ignored_fields("{a: 1, m: 2}", "$.m") == with_body("{a: 1}")


REFERENCE = load_contract("reference").codec
ORDER = {"provider_id": "p1", "order_no": "n-1", "status": "ACCEPTED", "amount": 1999, "currency": "EUR", "payee": "x"}


@pytest.mark.parametrize(
    ("kind", "status", "body", "outcome", "observation", "state"),
    [
        (OperationKind.SUBMIT, 202, ORDER, Outcome.OK, Observation.ACK, PaymentState.RECEIVED),
        (OperationKind.RESUBMIT, 200, {**ORDER, "status": "PAID"}, Outcome.OK, Observation.ACK, PaymentState.SUCCEEDED),
        (OperationKind.RESUBMIT, 409, {"code": "ORDER_CONFLICT"}, Outcome.FAIL, Observation.CONFLICT, PaymentState.UNKNOWN),
        (OperationKind.RESUBMIT, 409, {"code": "IN_PROGRESS"}, Outcome.OK, Observation.IN_PROGRESS, PaymentState.UNKNOWN),
        (OperationKind.RESUBMIT, 400, {"code": "DUPLICATE_ORDER", "provider_id": "p"}, Outcome.OK, Observation.DUPLICATE, PaymentState.UNKNOWN),
        (OperationKind.RESUBMIT, 400, {"code": "DUPLICATE_ORDER"}, Outcome.FAIL, Observation.REJECTED, PaymentState.UNKNOWN),
        (OperationKind.SUBMIT, 401, {"code": "UNAUTHORIZED"}, Outcome.FAIL, Observation.REJECTED, PaymentState.UNKNOWN),
        (OperationKind.SUBMIT, 422, {"code": "INVALID_REQUEST"}, Outcome.FAIL, Observation.REJECTED, PaymentState.UNKNOWN),
        (OperationKind.SUBMIT, 503, {"code": "BUSY"}, Outcome.INFO, Observation.RETRYABLE, PaymentState.UNKNOWN),
        (OperationKind.SUBMIT, 429, {"code": "RATE_LIMITED"}, Outcome.INFO, Observation.RETRYABLE, PaymentState.UNKNOWN),
        (OperationKind.QUERY, 200, {**ORDER, "status": "RETURNED"}, Outcome.OK, Observation.STATUS, PaymentState.RETURNED),
        (OperationKind.QUERY, 200, {**ORDER, "status": "ODD"}, Outcome.OK, Observation.STATUS, PaymentState.UNKNOWN),
        (OperationKind.QUERY, 404, {"code": "ORDER_NOT_FOUND"}, Outcome.OK, Observation.NOT_FOUND, PaymentState.NOT_FOUND),
        (OperationKind.QUERY, 404, {"detail": "Not Found"}, Outcome.INFO, Observation.UNREADABLE, PaymentState.UNKNOWN),
    ],
)  # fmt: skip
def test_the_reference_contract_reads_the_reference_api(
    kind: OperationKind, status: int, body: Any, outcome: Outcome, observation: Observation, state: PaymentState
) -> None:
    found = REFERENCE.read(kind, HttpResponse(status, {"content-type": "application/json"}, json.dumps(body).encode()))
    assert (found.outcome, found.observation, found.state) == (outcome, observation, state)
    assert found.provider_id == body.get("provider_id")


def test_the_reference_contract_reads_the_ledger_as_the_operator() -> None:
    assert ("authorization", "Bearer sk_operator") in REFERENCE.ledger_page().headers
    assert REFERENCE.ledger_page(cursor="9").target == "/v1/movements?after=9&limit=500"
    row = {"id": "m1", "account": "other", "order_no": "n", "provider_id": "p", "amount": 5, "kind": "return"}
    body = json.dumps({"movements": [row], "next": None}).encode()
    assert REFERENCE.read_ledger_page(HttpResponse(200, {}, body)).rows == (LedgerRow("m1", "n", "other", 5, "return"),)
