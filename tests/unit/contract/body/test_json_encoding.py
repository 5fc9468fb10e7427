"""JSON is strict, and a value keeps its type."""

from __future__ import annotations

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.body.json_encoding import json_of

from .test_base import body


def test_a_variable_that_stands_alone_keeps_its_type() -> None:
    assert body("json", {"n": "${order_no}", "a": "${amount.number}"}) == b'{"n":"n-1","a":19.99}'


def test_what_is_read() -> None:
    assert json_of(b'{"a": [1, 1.5, null]}') == {"a": [1, 1.5, None]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"<a/>", "not valid JSON"),
        (b'{"a": 1, "a": 2}', "not valid JSON"),
        (b"[NaN]", "not valid JSON"),
        (b'"\xff"', "not valid JSON"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_has_no_reading(text: bytes, why: str) -> None:
    with pytest.raises(UnreadableBody, match=why):
        json_of(text)
