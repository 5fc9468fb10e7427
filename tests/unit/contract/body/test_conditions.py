"""Conditions, and values that meet them."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.contract.base.json_path import MISSING
from ackord.contract.body.conditions import all_hold, example_of, matcher, status_codes


@pytest.mark.parametrize(
    ("wanted", "meets", "fails"),
    [
        ("a", ["a"], ["b", 1, None, MISSING, ["a"]]),
        ([1, "a"], [1, "a"], [True, 1.0, "1"]),
        (None, [None], [MISSING, "", 0, False]),
        ({"exists": True}, ["", 0, False, []], [None, MISSING]),
        ({"exists": False}, [None, MISSING], ["", 0]),
        ({"empty": True}, [None, MISSING, "", [], {}], [0, False, "a", [None]]),
        ({"empty": False}, [0, False, "a", [None]], [None, MISSING, "", [], {}]),
        ({"regex": "^a+$"}, ["a", "aa"], ["b", 1, None, MISSING, "a" * 5000]),
    ],
)
def test_what_meets_a_condition(wanted: Any, meets: list[Any], fails: list[Any]) -> None:
    holds = matcher(wanted)
    assert [value for value in meets if not holds(value)] == []
    assert [value for value in fails if holds(value)] == []


@pytest.mark.parametrize(
    "wanted",
    [
        "a", 5, None, True, ["x", "y"], {"exists": True}, {"exists": False}, {"empty": True}, {"empty": False},
        {"regex": "^not found$"}, {"regex": "^e_[0-9]+", "example": "e_7"},
    ],
)  # fmt: skip
def test_an_example_meets_its_condition(wanted: Any) -> None:
    assert matcher(wanted)(example_of(wanted))


def test_a_pattern_without_an_example_asks_for_one() -> None:
    with pytest.raises(ValueError, match="add example: beside it"):
        example_of({"regex": "^e_[0-9]+"})


def test_status_codes_and_conditions_together() -> None:
    assert status_codes([404, "2xx"]) == {404, *range(200, 300)}
    hold = all_hold({"status": "2xx", "header.x-replayed": "true", "$.a": 1})
    assert hold(201, {"a": 1}, {"x-replayed": "true"})
    assert not hold(301, {"a": 1}, {"x-replayed": "true"})
    assert not hold(201, {"a": 1}, {})
    assert all_hold({"$.a": 1})(999, {"a": 1}, {})
