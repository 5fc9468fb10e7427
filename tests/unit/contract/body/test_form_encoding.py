"""Forms: what is nested gets brackets, and a field is given once."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.base.contract_error import ContractError
from ackord.contract.body import ENCODINGS
from ackord.contract.body.form_encoding import form_fields

from .test_base import body

FORM = ENCODINGS.get("form")


def test_what_is_nested_gets_brackets() -> None:
    data = {"n": "${order_no}", "m": {"p": "${payee}"}, "l": ["x", 1, True]}
    assert body("form", data) == b"n=n-1&m[p]=Zo%C3%AB%20%26%20Co&l[0]=x&l[1]=1&l[2]=true"


def test_a_field_without_a_value_is_left_out() -> None:
    assert body("form", {"a": "${provider_id}", "b": "x${provider_id}"}) == b"b=x"


@pytest.mark.parametrize("value", [None, 1.5, [None]])
def test_what_a_form_cannot_hold_says_where(value: Any) -> None:
    with pytest.raises(ContractError, match="cannot stand in a form") as failure:
        form_fields({"a": value}, ("form",))
    assert failure.value.path[:2] == ("form", "a")


def test_what_is_read() -> None:
    assert FORM.parse(b"a=1&b%5Bc%5D=x+y&d=") == {"a": "1", "b[c]": "x y", "d": ""}


@pytest.mark.parametrize("text", [b"a=1&a=2", b"a", b"a=%ff", b"a=\xff", b"a=1&" * 1200])
def test_what_has_no_reading(text: bytes) -> None:
    with pytest.raises(UnreadableBody, match="not a valid form"):
        FORM.parse(text)
