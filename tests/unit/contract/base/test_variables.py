"""Variables: times in zones, UUIDs that stay the same, and what differs from sending to sending."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.http_messages import TimestampNonce
from ackord.contract.base.variables import TemplateContext, as_uuid, getter_of

SUBJECT = TemplateContext(
    "main",
    "acc",
    "n-1",
    1999,
    "EUR",
    created_s=86_400,
    timestamp_nonce=TimestampNonce(1_700_000_000, "ab12"),
    captured={"q": "7"},
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("now:%Y-%m-%dT%H:%M:%SZ", "2023-11-14T22:13:20Z"),
        ("now:%Y%m%d%H%M%S|+08:00", "20231115061320"),
        ("order.time:%Y%m%d|-00:30", "19700101"),
        ("order.time:%Y%m%d", "19700102"),
        ("now.unix", 1_700_000_000),
        ("nonce", "ab12"),
        ("nonce.uuid", as_uuid("ab12")),
        ("order_no.uuid", as_uuid("n-1")),
        ("currency.lower", "eur"),
        ("captured.q", "7"),
        ("captured.none", None),
        ("callback_url", None),
    ],
)
def test_values(name: str, value: Any) -> None:
    assert getter_of(name)(SUBJECT) == value


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("now", "needs a format"),
        ("order.time:", "needs a format"),
        ("payee:%Y", "takes no format"),
        ("now:%Y|8", "is no zone"),
        ("now:%Y|+99:00", "is no zone"),
        ("now:%Y|", "is no zone"),
    ],
)
def test_formats_that_cannot_be(name: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        getter_of(name)


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_a_uuid_is_valid_and_says_the_same_as_its_text(one: str, other: str) -> None:
    found = uuid.UUID(as_uuid(one))
    assert str(found) == as_uuid(one)
    assert (found.version, found.variant) == (8, uuid.RFC_4122)
    assert (as_uuid(one) == as_uuid(other)) is (one == other)
