"""What one side signs, the other accepts; whatever changes on the way is refused, in words."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce

from .cases import CASES
from .support import MOMENT, Sides, header, sides, with_header

FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=40
)
MOMENTS = st.builds(
    TimestampNonce, st.integers(0, 4_000_000_000), st.text("0123456789abcdefXYZ", min_size=1, max_size=32)
)

every_scheme = pytest.mark.parametrize("name", CASES)


@cache
def made(name: str) -> Sides:
    return sides(**CASES[name].auth)


def changed(data: bytes, at: int, to: int) -> bytes:
    """Another byte at one place."""
    at %= len(data)
    return data[:at] + bytes([to if to != data[at] else to ^ 1]) + data[at + 1 :]


def changed_text(text: str, at: int, to: int) -> str:
    """Another printable character at one place."""
    return changed(text.encode(), at, 33 + to % 94).decode("latin-1")


@every_scheme
@FEW
@given(text=TEXTS, timestamp_nonce=MOMENTS)
def test_there_and_back(name: str, text: str, timestamp_nonce: TimestampNonce) -> None:
    case, (merchant, provider) = CASES[name], made(name)
    request = merchant.sign(case.request(text), timestamp_nonce)
    assert provider.problem_of(request, timestamp_nonce) == ""
    answer = provider.sign(case.answer(text), request, timestamp_nonce)
    assert merchant.problem_of(answer, request, timestamp_nonce) == ""
    callback = provider.sign_callback(case.request(text), timestamp_nonce)
    assert merchant.problem_of_callback(callback, timestamp_nonce) == ""


@every_scheme
@FEW
@given(text=TEXTS, at=st.integers(0, 10_000), to=st.integers(0, 255))
def test_a_changed_body_is_refused(name: str, text: str, at: int, to: int) -> None:
    case, (merchant, provider) = CASES[name], made(name)
    request = merchant.sign(case.request(text), MOMENT)
    other = request._replace(body=changed(request.body, at, to))
    if case.content(other.body) != case.content(request.body):
        assert provider.problem_of(other) != ""
    callback = provider.sign_callback(case.request(text), MOMENT)
    other = callback._replace(body=changed(callback.body, at, to))
    if case.content(other.body) != case.content(callback.body):
        assert merchant.problem_of_callback(other) != ""


@every_scheme
@FEW
@given(text=TEXTS, at=st.integers(0, 10_000), to=st.integers(0, 255))
def test_a_changed_answer_is_refused(name: str, text: str, at: int, to: int) -> None:
    case, (merchant, provider) = CASES[name], made(name)
    if not case.signs_answers:
        return
    request = merchant.sign(case.request(text), MOMENT)
    answer = provider.sign(case.answer(text), request, MOMENT)
    other = answer._replace(body=changed(answer.body, at, to))
    if case.answer_content(other.body) != case.answer_content(answer.body):
        assert merchant.problem_of(other, request) != ""


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.carriers])
@FEW
@given(at=st.integers(0, 10_000), to=st.integers(0, 255))
def test_a_changed_signature_is_refused(name: str, at: int, to: int) -> None:
    case, (merchant, provider) = CASES[name], made(name)
    signed = merchant.sign(case.request("x"), MOMENT)
    for carrier in case.carriers:
        value = header(signed, carrier)
        other = with_header(signed, carrier, changed_text(value, at, to))
        assert provider.problem_of(other) != "", carrier


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.covers_target])
@FEW
@given(at=st.integers(1, 10_000), to=st.integers(0, 255))
def test_a_changed_target_or_method_is_refused(name: str, at: int, to: int) -> None:
    case, (merchant, provider) = CASES[name], made(name)
    signed = merchant.sign(case.request("x"), MOMENT)
    if name == "alipay_rsa2":  # parameters are signed, not the path
        assert provider.problem_of(signed._replace(target="/v1/orders?limit=6")) == "its signature is wrong"
        return
    assert provider.problem_of(signed._replace(target="/" + changed_text(signed.target[1:], at, to))) != ""
    assert provider.problem_of(signed._replace(method="PUT")) != ""


@every_scheme
def test_what_is_not_signed_is_refused(name: str) -> None:
    case, (merchant, provider) = CASES[name], made(name)
    request = case.request("x")
    assert "missing" in provider.problem_of(request)
    if case.signs_answers:
        assert "missing" in merchant.problem_of(case.answer("x"), merchant.sign(request, MOMENT))
    assert "missing" in merchant.problem_of_callback(request)
    for carrier in case.carriers:
        assert provider.problem_of(with_header(merchant.sign(request, MOMENT), carrier, None)) != "", carrier


@every_scheme
def test_another_party_s_signature_is_refused(name: str) -> None:
    """A callback that the merchant signed for itself is not the provider's, where the two have keys of their own."""
    case, (merchant, _) = CASES[name], made(name)
    if "private_key" not in next(iter(case.auth.values())):
        return
    assert merchant.problem_of_callback(merchant.sign(case.request("x"), MOMENT)) != ""


@every_scheme
@FEW
@given(data=st.data())
def test_nonsense_is_refused_without_an_exception(name: str, data: st.DataObject) -> None:
    case, (merchant, provider) = CASES[name], made(name)
    names = (*case.carriers, "Signature", "Wechatpay-Signature", "Wechatpay-Timestamp", "x-y")
    values = st.one_of(
        st.text(max_size=30), st.sampled_from(["..", "a..b", "{}", "[[]]", "=:", 'sig1=("a");b', ",,", "t=1,v1=é"])
    )
    headers = tuple(data.draw(st.lists(st.tuples(st.sampled_from(names), values), max_size=5)))
    body = data.draw(
        st.one_of(st.binary(max_size=30), st.sampled_from([b"{", b"<a", b"<xml/>", b"a=1&a=2", b'{"sign":1}', b"\xff"]))
    )
    request = HttpRequest("POST", data.draw(st.sampled_from(["/", "/a?b", "/?a=%ff", "?"])), headers, body)
    answer = HttpResponse(200, {key.lower(): value for key, value in headers}, body)
    assert provider.problem_of(request, MOMENT) != "" or not body
    assert (merchant.problem_of_callback(request, MOMENT) != "") or not body
    assert (merchant.problem_of(answer, request, MOMENT) != "") or not case.signs_answers or not body
