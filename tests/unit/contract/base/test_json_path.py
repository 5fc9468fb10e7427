"""Places in JSON answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.contract.base.json_path import MISSING, compile_path, split_path

ANSWER = {"a": {"b": [{"c": 7}, None]}, "odd key": 1, "": 2}


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
    ],
)
def test_what_stands_at_a_path(path: str, value: Any) -> None:
    assert compile_path(path)(ANSWER) is value or compile_path(path)(ANSWER) == value


@pytest.mark.parametrize(
    "path", ["", "a.b", "$a", "$..a", "$.*", "$[*]", "$[-1]", "$.a[", "$.a b", "$[?(@.x)]", "$.", "$[1"]
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
