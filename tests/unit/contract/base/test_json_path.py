"""Places in JSON answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.contract.base.json_path import MISSING, NamedElement, compile_path, split_path, without_places

TOTALS = [{"type": "tax", "amount": 1}, 5, {"type": "total", "amount": 9}, {"type": "total", "amount": 8}, {"n": 1}]
ANSWER = {"a": {"b": [{"c": 7}, None]}, "odd key": 1, "": 2, "totals": TOTALS}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", ANSWER),
        ("$.a.b[0].c", 7),
        ("$.a.b[1]", None),
        ("$.a.b[2]", MISSING),
        ("$.a.b.c", MISSING),
        ("$.a[0]", MISSING),
        ("$.none", MISSING),
        ("$.none.deeper", MISSING),
        ("$['odd key']", 1),
        ("$['']", 2),
        ("$.totals[type=total].amount", 9),
        ("$.totals[type=tax]", TOTALS[0]),
        ("$.totals[type=fee].amount", MISSING),
        ("$.totals[n=1]", MISSING),
        ("$.a[type=total]", MISSING),
    ],
)
def test_what_stands_at_a_path(path: str, value: Any) -> None:
    assert compile_path(path)(ANSWER) is value or compile_path(path)(ANSWER) == value


@pytest.mark.parametrize(
    "path",
    ["", "a.b", "$a", "$..a", "$.*", "$[*]", "$[-1]", "$.a[", "$.a b", "$[?(@.x)]", "$.", "$[1", "$.a[b=]", "$.a[=b]"],
)
def test_a_path_that_makes_no_sense_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read|is not a place"):
        compile_path(path)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
)


@given(_JSON, st.lists(st.sampled_from(["a", "b", "c"]) | st.integers(0, 3), max_size=4))
def test_a_getter_agrees_with_walking_by_hand_and_never_raises(answer: Any, steps: list[str | int]) -> None:
    path = "$" + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)
    assert split_path(path) == tuple(steps)
    expected = answer
    for step in steps:
        try:
            if isinstance(expected, str):
                raise TypeError
            expected = expected[step]
        except (LookupError, TypeError):
            expected = MISSING
            break
    assert compile_path(path)(answer) is expected or compile_path(path)(answer) == expected


def test_a_step_may_name_an_element_of_a_list() -> None:
    assert split_path("$.links[rel=self].href") == ("links", NamedElement("rel", "self"), "href")


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("$.a", {"b": [{"type": "x", "n": 1}, {"type": "y", "n": 2}]}),
        ("$.b[0]", {"a": 1, "b": [{"type": "y", "n": 2}]}),
        ("$.b[type=y].n", {"a": 1, "b": [{"type": "x", "n": 1}, {"type": "y"}]}),
        ("$.b[type=z]", {"a": 1, "b": [{"type": "x", "n": 1}, {"type": "y", "n": 2}]}),
    ],
)
def test_what_is_left_without_a_place(path: str, left: Any) -> None:
    document = {"a": 1, "b": [{"type": "x", "n": 1}, {"type": "y", "n": 2}]}
    assert without_places(document, [split_path(path)]) == left
