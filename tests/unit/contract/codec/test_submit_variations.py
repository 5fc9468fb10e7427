"""Submits that differ from the usual one: which are offered, and what is sent."""

from __future__ import annotations

import pytest

from ackord.contract.base.payment import Payment
from ackord.core.key_promises import KeyVariation
from ackord.core.operation import OperationKind

from ..support import codec

P = Payment("no-000000000001", "main", 1999, "EUR", "payee")
PROMISED = """promises:
  keys: {equivalent_bytes: replay, missing: reject, empty: reject, overlong: {over: 20, answer: reject}, case_sensitive: true}
states:"""
TRIGGERS = "sandbox_triggers: {slow: {about: Slow., headers: {X-Mock: slow}, leads_to: FAILED}}\nstates:"


def test_nothing_is_offered_that_is_not_promised() -> None:
    assert codec().variations(P) == frozenset()


def test_what_is_promised_is_offered() -> None:
    assert codec("states:", PROMISED).variations(P) == {
        "field-order", "white-space", "escapes", "number-form", "key-missing", "key-empty", "key-overlong",
        "key-other-case",
    }  # fmt: skip


def test_only_the_named_differences_are_offered() -> None:
    some = "promises: {keys: {equivalent_bytes: replay, equivalent_in: [escapes]}}\nstates:"
    assert codec("states:", some).variations(P) == {"escapes"}


def test_a_number_without_letters_has_no_other_case() -> None:
    assert KeyVariation.OTHER_CASE not in codec("states:", PROMISED).variations(P._replace(order_no="000000000000001"))


@pytest.mark.parametrize(
    ("variation", "body"),
    [
        ("", b'{"no":"no-000000000001","amount":1999,"note":"now"}'),
        ("field-order", b'{"note":"now","amount":1999,"no":"no-000000000001"}'),
        ("key-missing", b'{"amount":1999,"note":"now"}'),
        ("key-empty", b'{"no":"","amount":1999,"note":"now"}'),
        ("key-folded", b'{"no":"NO-000000000001","amount":1999,"note":"now"}'),
    ],
)
def test_what_is_sent(variation: str, body: bytes) -> None:
    assert codec("states:", PROMISED).request(OperationKind.SUBMIT, P, variation=variation).body == body


def test_a_triggers_headers_are_sent_with_it_alone() -> None:
    made = codec("states:", TRIGGERS)
    assert ("X-Mock", "slow") in made.request(OperationKind.SUBMIT, P, variation="trigger:slow").headers
    assert "X-Mock" not in dict(made.request(OperationKind.SUBMIT, P).headers)
    with pytest.raises(LookupError, match="trigger:gone"):
        made.request(OperationKind.SUBMIT, P, variation="trigger:gone")


def test_other_bytes_are_another_payload_only_where_bytes_are_compared() -> None:
    values = codec("states:", PROMISED)
    compared = codec("states:", PROMISED.replace("replay", "other_payload"))
    assert values.fingerprint(P, "escapes") == values.fingerprint(P)
    assert compared.fingerprint(P, "escapes") != compared.fingerprint(P)
    assert compared.fingerprint(P, "key-folded") == compared.fingerprint(P)
