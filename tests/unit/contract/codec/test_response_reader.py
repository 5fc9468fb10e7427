"""Reading answers: rules, facts, and everything that must be UNREADABLE instead of an error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.codec.codec import Codec, Interpretation
from ackord.core.operation import Observation, OperationKind, Outcome
from ackord.core.payment_state import PaymentState

from ..support import codec

CODEC = codec()
SUBMIT, RESUBMIT, QUERY = OperationKind.SUBMIT, OperationKind.RESUBMIT, OperationKind.QUERY


def answer(status: int, body: Any = None, content_type: str = "application/json", **more: Any) -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status, {"content-type": content_type}, raw, **more)


def read(
    status: int, body: Any = None, kind: OperationKind = SUBMIT, with_codec: Codec = CODEC, **more: Any
) -> Interpretation:
    return with_codec.read(kind, answer(status, body, **more))


def test_an_acknowledgement_with_all_its_facts() -> None:
    found = read(200, {"status": "PAID", "id": "p1", "amount": 5})
    assert found == Interpretation(Outcome.OK, Observation.ACK, PaymentState.SUCCEEDED, "p1", 5, "200 PAID")
    assert read(200, {"status": "PAID", "id": "p1", "amount": 5}, RESUBMIT) == found


@pytest.mark.parametrize(
    ("kind", "status", "body", "outcome", "observation", "state", "detail"),
    [
        (SUBMIT, 200, {"status": "NEW", "id": 7}, "ok", "ACK", "UNKNOWN", "200 NEW"),
        (SUBMIT, 409, {"code": "OTHER"}, "fail", "CONFLICT", "UNKNOWN", "409 OTHER"),
        (SUBMIT, 400, {"code": "BAD", "status": 400}, "fail", "REJECTED", "UNKNOWN", "400 BAD"),
        (SUBMIT, 503, {"code": "BUSY"}, "info", "RETRYABLE", "UNKNOWN", "503 BUSY"),
        (SUBMIT, 503, b"", "info", "RETRYABLE", "UNKNOWN", "503"),
        (SUBMIT, 418, {"code": "TEA"}, "info", "UNREADABLE", "UNKNOWN", "418 TEA, no reading in the contract"),
        (SUBMIT, 200, {}, "info", "UNREADABLE", "UNKNOWN", "200, no reading in the contract"),
        (SUBMIT, 200, {"status": None}, "info", "UNREADABLE", "UNKNOWN", "200, no reading in the contract"),
        (QUERY, 200, {"status": "BAD"}, "ok", "STATUS", "FAILED", "200 BAD"),
        (QUERY, 404, {"code": "NONE"}, "ok", "NOT_FOUND", "NOT_FOUND", "404 NONE"),
        (QUERY, 404, {"code": "ELSE"}, "info", "UNREADABLE", "UNKNOWN", "404 ELSE, no reading in the contract"),
        (QUERY, 404, b"", "info", "UNREADABLE", "UNKNOWN", "404, no reading in the contract"),
        (QUERY, 503, {}, "info", "UNREADABLE", "UNKNOWN", "503, no reading in the contract"),
    ],
)
def test_what_an_answer_says(
    kind: OperationKind, status: int, body: Any, outcome: str, observation: str, state: str, detail: str
) -> None:
    found = read(status, body, kind)
    assert (found.outcome.value, found.observation.value, found.state.name, found.detail) == (
        outcome,
        observation,
        state,
        detail,
    )


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "200, not valid JSON"),
        (b'{"status": "PAID", "status": "BAD"}', "200, not valid JSON"),
        (b'{"status": "PAID", "amount": NaN}', "200, not valid JSON"),
        (b'{"status": "PAID", "amount": -Infinity}', "200, not valid JSON"),
        (b'{"status": "\xff"}', "200, not valid JSON"),
        (b"[" * 200_000, "200, nested too deeply"),
        (b'{"status": "PAID", "amount": ' + b"9" * 10_000 + b"}", "200, not valid JSON"),
        (b'{"status": "PAID", "amount": 1e400}', "200, the amount is a fraction, expected a whole number"),
        (b'{"status": "PAID", "amount": 99999999999999999999}', "200, the amount is out of range"),
        (b'{"status": "PAID", "amount": "5"}', "200, the amount is text, expected a whole number"),
        (b'{"status": "PAID", "amount": true}', "200, the amount is true or false, expected a whole number"),
        (b'{"status": "PAID", "id": ["p1"]}', "200, the provider's id is a list, expected text"),
        (b'{"status": {"a": 1}}', "200, the status is an object, expected text"),
        (b'{"status": "PAID", "id": "\\ud800"}', "200, the provider's id is too long or not text"),
        (b'{"status": "PAID", "id": "' + b"x" * 300 + b'"}', "200, the provider's id is too long or not text"),
    ],
)
def test_an_answer_that_cannot_be_read_says_why(body: bytes, detail: str) -> None:
    assert read(200, body) == Interpretation(
        Outcome.INFO, Observation.UNREADABLE, PaymentState.UNKNOWN, None, None, detail
    )


def test_html_is_unreadable_whatever_its_status_says() -> None:
    found = read(404, b"<html>", QUERY, content_type="text/html; charset=utf-8")
    assert found.observation is Observation.UNREADABLE
    assert found.detail == "404 text/html, expected JSON"


def test_a_cut_answer_is_unreadable_even_if_what_is_left_is_json() -> None:
    found = read(200, {"status": "PAID"}, truncated=True)
    assert found.observation is Observation.UNREADABLE
    assert found.detail == "200, cut off after 18 bytes"


def test_what_a_provider_says_stays_on_one_short_line() -> None:
    assert read(400, {"code": "a\nb\x1b[31m" + "x" * 500}).detail == "400 a\\nb\\x1b[31m" + "x" * 40


@pytest.mark.parametrize(
    ("condition", "body", "matches"),
    [
        ("$.x: 1", {"x": 1}, True),
        ("$.x: 1", {"x": True}, False),
        ("$.x: 1", {"x": "1"}, False),
        ("$.x: 1", {"x": 1.0}, False),
        ("$.x: [1, a, null]", {"x": "a"}, True),
        ("$.x: [1, a, null]", {"x": None}, True),
        ("$.x: [1, a, null]", {}, False),
        ("$.x: [a, b]", {"x": ["a"]}, False),
        ("$.x: null", {"x": None}, True),
        ("$.x: {exists: true}", {"x": 0}, True),
        ("$.x: {exists: true}", {"x": None}, False),
        ("$.x: {exists: false}", {}, True),
        ("$.x: {exists: false}", {"x": ""}, False),
        ("$.x: {regex: '^a.c$'}", {"x": "abc"}, True),
        ("$.x: {regex: '^a.c$'}", {"x": "abcd"}, False),
        ("$.x: {regex: '1'}", {"x": 1}, False),
        ("status: [409, 4xx]", {}, False),
        ("status: [2xx]", {}, True),
        ("header.Content-Type: application/json", {}, True),
        ("header.x-none: {exists: true}", {}, False),
    ],
)
def test_conditions(condition: str, body: Any, matches: bool) -> None:
    small = codec(
        "when: {status: 200, $.status: {exists: true}}, observation: ACK", f"when: {{{condition}}}, observation: ACK"
    )
    assert (read(250, body, with_codec=small).observation is Observation.ACK) is matches


def test_the_first_rule_that_matches_wins_and_a_rule_without_status_holds_for_any() -> None:
    small = codec(
        "    - {when: {status: 409}, observation: CONFLICT}",
        "    - {when: {$.code: D}, observation: DUPLICATE}\n    - {when: {status: 409}, observation: CONFLICT}",
    )
    assert read(409, {"code": "D", "id": "p9"}, with_codec=small)[:4] == (
        Outcome.OK, Observation.DUPLICATE, PaymentState.UNKNOWN, "p9",
    )  # fmt: skip
    assert read(409, {"code": "E"}, with_codec=small).observation is Observation.CONFLICT
    assert read(777, {"code": "D"}, with_codec=small).observation is Observation.DUPLICATE


@pytest.mark.parametrize(
    ("rule", "status", "outcome"),
    [
        ("{when: {status: 5xx}, observation: RETRYABLE, definite: true}", 500, Outcome.FAIL),
        ("{when: {status: 5xx}, observation: REJECTED, definite: false}", 500, Outcome.INFO),
    ],
)
def test_a_contract_says_which_answers_prove_that_nothing_happened(rule: str, status: int, outcome: Outcome) -> None:
    assert read(status, {}, with_codec=codec("{when: {status: 5xx}, observation: RETRYABLE}", rule)).outcome is outcome


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["PAID", "NONE"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["status", "id", "amount", "code", "x"]), inner, max_size=5)
    ),
    max_leaves=8,
)
_BODIES = st.binary(max_size=60) | _JSON.map(lambda value: json.dumps(value).encode())


@given(
    kind=st.sampled_from([SUBMIT, RESUBMIT, QUERY]),
    status=st.sampled_from([200, 400, 404, 409, 503]) | st.integers(-1, 1000),
    headers=st.dictionaries(st.sampled_from(["content-type", "x"]), st.text(max_size=10), max_size=2),
    body=_BODIES,
    truncated=st.booleans(),
)
def test_reading_never_raises_and_is_fit_for_a_journal(
    kind: OperationKind, status: int, headers: dict[str, str], body: bytes, truncated: bool
) -> None:
    found = CODEC.read(kind, HttpResponse(status, headers, body, truncated))
    assert isinstance(found, Interpretation)
    json.dumps(found, ensure_ascii=False).encode()
    assert len(found.detail) < 200 and found.detail.isprintable()
    if found.observation in (Observation.UNREADABLE, Observation.RETRYABLE):
        assert found.outcome is Outcome.INFO
    if truncated:
        assert found.observation is Observation.UNREADABLE


def test_currency_and_payee_are_read_where_they_stand() -> None:
    small = codec("code: $.code}", "code: $.code, currency: $.currency, payee: $.payee}")
    found = read(200, {"status": "PAID", "currency": "eur", "payee": "x"}, with_codec=small)
    assert (found.currency, found.payee) == ("EUR", "x")
    found = read(200, {"status": "PAID"}, with_codec=small)
    assert (found.currency, found.payee) == (None, None)
    found = read(200, {"status": "PAID", "currency": 978}, with_codec=small)
    assert found.detail == "200, the currency is 978, expected an ISO 4217 code such as EUR"
