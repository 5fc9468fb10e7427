"""Templates, turned around: what a text, a field or a document gives back."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.template_match import PathPattern, RequestMismatch, TextPattern, match_data, match_fields


def values_of(template: Any, found: Any, insist: bool = True) -> dict[str, Any]:
    values: dict[str, Any] = {}
    match_data(template, found, values, insist)
    return values


def test_a_text_gives_the_values_of_its_variables() -> None:
    assert values_of("${order_no}/${payee}", "n-1/Zoë") == {"order_no": "n-1", "payee": "Zoë"}
    assert values_of({"a": ["${amount.minor}"]}, {"a": [5], "more": 1}) == {"amount.minor": 5}
    assert values_of('{"no": "${order_no}", "x": 1}', '{"x": 1, "no": "n-1"}') == {"order_no": "n-1"}


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("a", "b"),
        ("x${order_no}", "y1"),
        ({"a": "${order_no}"}, {}),
        ({"a": 1}, {"a": 2}),
        ({"a": []}, {"a": [1]}),
        ({"a": "${order_no}", "b": "${order_no}"}, {"a": "1", "b": "2"}),
        ({}, []),
    ],
)
def test_what_does_not_match(template: Any, found: Any) -> None:
    with pytest.raises(RequestMismatch):
        values_of(template, found)


def test_what_holds_no_variable_is_compared_on_the_strict_look_only() -> None:
    assert values_of({"a": 1, "b": "x", "c": "${order_no}"}, {"b": "y", "c": "1"}, insist=False) == {"order_no": "1"}


def test_fields_and_paths() -> None:
    values: dict[str, Any] = {}
    match_fields([("id", TextPattern("${provider_id}")), ("v", TextPattern("1"))], {"v": "1"}, values, insist=True)
    PathPattern("/a/${order_no}").match("/a/x%2Fy", values)
    assert values == {"order_no": "x/y"}
    with pytest.raises(RequestMismatch):
        PathPattern("/a/${order_no}").match("/a/x/y", values)
    with pytest.raises(ContractError, match="has no value here") as failure:
        PathPattern("/a/${payee}", {"order_no"}, ("callbacks", 0))
    assert failure.value.path == ("callbacks", 0)
