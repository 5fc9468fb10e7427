"""Places in answers: JSON, rows, XML, headers, and parts of what stands there."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.json_path import MISSING
from ackord.contract.body.selectors import Selector, compile_selector

JSON = {"data": [{"id": "a"}, {"id": 7}], "url": "/pay?id=77&x=1", "n": 12}
XML = fromstring("<xml><code>0</code><row id='1'>a</row><row id='2'>b<in/></row><empty/></xml>")
HEADERS = {"location": "https://x/orders/o-1"}
ROW = {"id": "r", "deep": {"s": "PAID"}}


@pytest.mark.parametrize(
    ("place", "document", "found"),
    [
        ("$.data[1].id", JSON, 7),
        ("$.data[9].id", JSON, MISSING),
        ("$", JSON, JSON),
        ("$.code", XML, MISSING),
        ("$row", JSON, ROW),
        ("$row.deep.s", JSON, "PAID"),
        ("$row.none", JSON, MISSING),
        ("/xml/code", XML, "0"),
        ("/xml/row", XML, "a"),
        ("/xml/row[1]", XML, "b"),
        ("/xml/row[1]/@id", XML, "2"),
        ("/xml/row[2]", XML, MISSING),
        ("/xml/row/@none", XML, MISSING),
        ("/xml/empty", XML, ""),
        ("/other/code", XML, MISSING),
        ("/xml/code", JSON, MISSING),
        ("/xml/code", None, MISSING),
        ("header.Location", JSON, HEADERS["location"]),
        ("header.none", JSON, MISSING),
        (Selector("header.location", "[^/]+$"), JSON, "o-1"),
        (Selector("$.url", "id=([0-9]+)"), JSON, "77"),
        (Selector("$.n", "^1"), JSON, "1"),
        (Selector("$.url", "none"), JSON, MISSING),
        (Selector("$.data", "a"), JSON, MISSING),
        (Selector("$.none", "a"), JSON, MISSING),
    ],
)
def test_what_stands_at_a_place(place: Selector | str, document: Any, found: Any) -> None:
    assert compile_selector(place)(document, HEADERS, ROW) == found


def test_without_a_row_nothing_stands_in_it() -> None:
    assert compile_selector("$row")(JSON, {}, MISSING) is MISSING
    assert compile_selector("$row.id")(JSON, {}, MISSING) is MISSING


@pytest.mark.parametrize(
    "place",
    ["", "a", "header.", "header.a b", "/", "//a", "/a[x]", "/a/@", "/@a", "/a/b*", "$.a[*]", "$rows.a", "$row a"],
)
def test_a_place_that_cannot_be(place: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read|not a place|names no|expected"):
        compile_selector(place)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
_GETTERS = [
    compile_selector(place)
    for place in (
        "$.a.b[0]",
        "$row",
        "$row.a[0]",
        "/a/b[1]/@c",
        "header.a",
        Selector("$.a", "^(a)|b"),
        Selector("$row.b", "."),
    )
]


@settings(deadline=None)
@given(_ANYTHING, _ANYTHING)
def test_reading_a_place_never_raises(document: Any, row: Any) -> None:
    for get in _GETTERS:
        get(document, {}, row)
