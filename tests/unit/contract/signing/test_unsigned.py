"""Schemes that add credentials and sign nothing: bearer, basic, api_key; and several schemes at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ackord.contract.codec.codec import Payment, RequestContext
from ackord.contract.signing import BUILT_IN, SCHEMES, FixedHeaders
from ackord.contract.spec.auth import Auth, merchant_side
from ackord.errors import FileError

from ..support import changed, codec, loaded
from .support import ANSWER, MOMENT, REQUEST, header, sides, with_header

PAYMENT = Payment("A1", "main", 5, "EUR", "x")


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        ({"bearer": "sk_1"}, "authorization", "Bearer sk_1"),
        ({"basic": {"username": "Aladdin", "password": "open sesame"}}, "authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ({"basic": {"username": "sk_1"}}, "authorization", "Basic c2tfMTo="),
        ({"api_key": {"header": "X-API-Key", "value": "k1"}}, "X-API-Key", "k1"),
    ],
)  # fmt: skip
def test_credentials_in_a_header(auth: dict[str, Any], name: str, value: str) -> None:
    """The value of user and password is the example of RFC 7617, section 2."""
    merchant, provider = sides(**auth)
    signed = merchant.sign(REQUEST, MOMENT)
    assert isinstance(merchant, FixedHeaders)
    assert header(signed, name) == value
    assert signed._replace(headers=REQUEST.headers) == REQUEST
    assert provider.problem_of(signed) == ""
    assert name in provider.problem_of(REQUEST)
    for wrong in (value[:-1], f"{value}x", "é", ""):
        assert "credentials" in provider.problem_of(with_header(signed, name, wrong))


def test_a_key_in_the_address() -> None:
    merchant, provider = sides(api_key={"query": "api key", "value": "a&b=c"})
    signed = merchant.sign(REQUEST, MOMENT)
    assert signed.target == "/v1/orders?limit=5&api%20key=a%26b%3Dc"
    assert merchant.sign(REQUEST._replace(target="/v1"), MOMENT).target == "/v1?api%20key=a%26b%3Dc"
    assert provider.problem_of(signed) == ""
    assert "missing" in provider.problem_of(REQUEST)
    assert "does not hold" in provider.problem_of(signed._replace(target="/v1?api%20key=other"))
    assert "2 times" in provider.problem_of(merchant.sign(signed, MOMENT))


def test_nothing_is_said_of_answers_and_callbacks() -> None:
    for auth in ({"bearer": "sk"}, {"api_key": {"query": "k", "value": "v"}}):
        merchant, provider = sides(**auth)
        assert merchant.problem_of(ANSWER, REQUEST) == merchant.problem_of_callback(REQUEST) == ""
        assert provider.sign(ANSWER, REQUEST, MOMENT) == ANSWER
        assert provider.sign_callback(REQUEST, MOMENT) == REQUEST


def test_several_schemes_are_all_applied_and_all_asked_for() -> None:
    merchant, provider = sides(api_key={"query": "k", "value": "v"}, bearer="sk")
    signed = merchant.sign(REQUEST, MOMENT)
    assert header(signed, "authorization") == "Bearer sk"
    assert signed.target.endswith("&k=v")
    assert provider.problem_of(signed) == ""
    assert "parameter k" in provider.problem_of(signed._replace(target="/v1"))
    assert "authorization" in provider.problem_of(with_header(signed, "authorization", None))
    two = Auth.model_validate({"bearer": "sk", "api_key": {"header": "X-Key", "value": "v"}})
    assert isinstance(merchant_side(two), FixedHeaders)


def test_without_a_scheme_nothing_is_added_or_asked_for() -> None:
    assert merchant_side(None).sign(REQUEST, MOMENT) == REQUEST


def test_a_new_scheme_is_one_registration() -> None:
    assert [scheme.name for scheme in BUILT_IN] == list(Auth.model_fields)
    assert all(scheme.name in SCHEMES and scheme.about.endswith(".") for scheme in BUILT_IN)


def test_a_contract_s_requests_are_signed() -> None:
    fixed = codec()
    assert fixed.submit(PAYMENT).headers is fixed.submit(PAYMENT, RequestContext(MOMENT)).headers  # worked out once
    by_address = codec("{auth: {bearer: sk_main}, id: acc_1}", "{auth: {api_key: {query: k, value: v}}}")
    assert by_address.submit(PAYMENT).target == "/orders?k=v"
    assert by_address.query(PAYMENT).target == "/orders/A1?k=v"
    assert by_address.query(PAYMENT._replace(account="other")).target == "/orders/A1"
    assert by_address.ledger_page("main", "c").target == "/moves?after=c&k=v"


_AUTH = "{bearer: sk_main}"


@pytest.mark.parametrize(
    ("auth", "says"),
    [
        ("{}", "at least one of bearer, basic"),
        ("{baerer: x}", 'Did you mean "bearer"?'),
        ("{bearer: ''}", '"accounts.main.auth.bearer"'),
        ("{bearer: [sk_hidden]}", '"accounts.main.auth.bearer"'),
        ("{basic: {password: x}}", 'the field "username" is missing in "accounts.main.auth.basic"'),
        ("{bearer: x, basic: {username: y}}", "bearer and basic together: each fills the header Authorization"),
        ("{api_key: {value: k}}", '"accounts.main.auth.api_key.header": the key stands nowhere'),
        ("{api_key: {value: k, header: A, query: b}}", "header and query together"),
        ("{api_key: {value: k, header: 'A B'}}", "a header's name"),
    ],
)  # fmt: skip
def test_mistakes_are_pointed_at_and_secrets_are_not_shown(tmp_path: Path, auth: str, says: str) -> None:
    with pytest.raises(FileError) as failure:
        loaded(tmp_path, changed(_AUTH, auth))
    assert says in str(failure.value)
    assert "sk_hidden" not in str(failure.value)
    assert failure.value.line == 5


def test_a_secret_is_not_shown() -> None:
    assert "sk_1" not in repr(Auth.model_validate({"bearer": "sk_1", "api_key": {"header": "K", "value": "sk_1"}}))
