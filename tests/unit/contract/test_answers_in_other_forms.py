"""Answers in lists, forms and XML; facts and states of single rules; another order's answer; marks of a replay."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.body import ENCODINGS
from ackord.contract.codec.response_reader import Interpretation, OrderRows, ResponseContext, ResponseReader
from ackord.contract.spec.operations import Extract, ResponseRule
from ackord.core.operation import Observation
from ackord.core.payment_state import PaymentState

STATES = {"PAID": "SUCCEEDED", "OPEN": "PROCESSING"}
ASKER = ResponseContext("n-1", "p1")


def rule(when: object, says: str, **more: object) -> ResponseRule:
    return ResponseRule.model_validate({"when": when, "observation": says, **more})


def extract(**places: object) -> Extract:
    return Extract.model_validate(places)


def answer(body: bytes, status: int = 200, **headers: str) -> HttpResponse:
    return HttpResponse(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


LIST = ResponseReader(
    [rule({"$row": {"exists": False}}, "NOT_FOUND"), rule({"$row.s": {"exists": True}}, "STATUS")],
    extract(state="$row.s", provider_id="$row.id", amount_minor="$row.a"),
    STATES,
    rows=OrderRows("$.data", (("$row.no", lambda response_context: response_context.order_no or None),)),
)


@pytest.mark.parametrize(
    ("body", "observation", "state", "provider_id"),
    [
        (b'{"data": [{"no": "n-0", "s": "OPEN"}, {"no": "n-1", "s": "PAID", "id": '
            b'"p1"}]}', "STATUS", "SUCCEEDED", "p1"),
        (b'{"data": [{"no": "n-0", "s": "OPEN"}]}', "NOT_FOUND", "NOT_FOUND", None),
        (b'{"data": [1, null, {"no": ["n-1"]}]}', "NOT_FOUND", "NOT_FOUND", None),
        (b'{"data": []}', "NOT_FOUND", "NOT_FOUND", None),
        (b'{"data": [{"no": "n-1"}]}', "UNREADABLE", "UNKNOWN", None),
        (b'{"data": [{"no": "n-1", "s": "PAID", "a": "x"}]}', "UNREADABLE", "UNKNOWN", None),
    ],
)  # fmt: skip
def test_our_row_of_a_list(body: bytes, observation: str, state: str, provider_id: str | None) -> None:
    found = LIST.read(answer(body), ASKER)
    assert (found.observation, found.state.name, found.provider_id) == (observation, state, provider_id)


def test_a_number_is_the_same_in_digits_and_as_a_number_and_without_ours_the_first_row_counts() -> None:
    assert (
        LIST.read(answer(b'{"data": [{"no": 7, "s": "PAID"}]}'), ResponseContext("7")).observation is Observation.STATUS
    )
    first = ResponseReader([rule({"$row.s": "PAID"}, "STATUS")], extract(), STATES, rows=OrderRows("$.data"))
    assert first.read(answer(b'{"data": [{"s": "PAID"}, {"s": "OPEN"}]}')).observation is Observation.STATUS


XML = ResponseReader(
    [
        rule({"/x/code": "0", "/x/refund": {"empty": False}}, "STATUS", state="RETURNED"),
        rule({"/x/code": "0"}, "STATUS", extract={"amount_minor": "/x/fee", "provider_id": {"from": "/x/url", "regex": "id=(.+)"}}),
    ],
    extract(state="/x/state", amount_major="/x/amount", code="/x/code"),
    STATES,
    form=ENCODINGS.get("xml"),
)  # fmt: skip


def test_facts_and_states_of_single_rules_in_xml() -> None:
    own = XML.read(
        answer(b"<x><code>0</code><state>PAID</state><fee>12</fee><amount>9.99</amount><url>?id=p7</url></x>")
    )
    assert own == Interpretation(own.outcome, Observation.STATUS, PaymentState.SUCCEEDED, "p7", 12, "200 0")
    together = XML.read(answer(b"<x><code>0</code><state>PAID</state><refund>1</refund><amount>9.99</amount></x>"))
    assert (together.state, together.amount_minor) == (PaymentState.RETURNED, 999)
    for bad in (b"<x><code>0</code><fee>1.5</fee></x>", b"<x><code>0</code><fee>--5</fee></x>", b"<x>", b"{}"):
        assert XML.read(answer(bad)).observation is Observation.UNREADABLE


FORM = ResponseReader(
    [rule({"$.s": {"exists": True}}, "ACK")],
    extract(state="$.s", amount_minor="$['a[b]']", order_no="$.no"),
    STATES,
    form=ENCODINGS.get("form"),
    replay_marker={"header.idempotent-replayed": "true"},
)


def test_a_form_that_may_be_compressed() -> None:
    body = b"s=PAID&a[b]=5&no=n-1"
    found = FORM.read(answer(body), ASKER)
    assert (found.observation, found.state, found.amount_minor) == (Observation.ACK, PaymentState.SUCCEEDED, 5)
    assert FORM.read(answer(gzip.compress(body), content_encoding="gzip"), ASKER) == found


def test_another_orders_answer_is_unreadable() -> None:
    found = FORM.read(answer(b"s=PAID&no=n-2"), ASKER)
    assert (found.observation, found.detail) == (Observation.UNREADABLE, "200, it speaks of another order, n-2")
    assert FORM.read(answer(b"s=PAID"), ASKER).observation is Observation.ACK
    assert FORM.read(answer(b"s=PAID&no=n-2")).observation is Observation.ACK, "nobody asked for an order"


def test_what_was_given_before_is_shown_and_decides_nothing() -> None:
    again = FORM.read(answer(b"s=PAID", idempotent_replayed="true"))
    assert again.detail == "200 PAID, given again"
    assert again._replace(detail="") == FORM.read(answer(b"s=PAID"))._replace(detail="")


_BODIES = st.binary(max_size=60) | st.text('<x/>code&amp;s=no0123[]{}":-PAID', max_size=60).map(str.encode)


@settings(deadline=None)
@given(st.sampled_from([LIST, XML, FORM]), _BODIES, st.sampled_from(["", "gzip", "deflate", "br"]))
def test_reading_never_raises_in_any_format(reader: ResponseReader, body: bytes, encoding: str) -> None:
    found = reader.read(answer(body, content_encoding=encoding), ASKER)
    assert found.detail.isprintable()
