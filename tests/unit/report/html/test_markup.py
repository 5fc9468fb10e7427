from __future__ import annotations

import json
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord import masking
from ackord.report.html.markup import code, details, json_for_script, listing, raw, safe, table

from .pages import HOSTILE


@given(st.text())
def test_no_text_can_leave_its_element_or_attribute(text: str) -> None:
    for said in (safe(text), raw(text)):
        assert not set("<>\"'") & set(said)
        assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt|quot|#x27);)*", said, re.DOTALL)


def test_what_would_be_obeyed_is_seen() -> None:
    said = unescape(safe(HOSTILE))
    assert "\\x00\\x1b[31m\\u202e\\u200b\\ud800\\x0a" in said
    assert safe("a\u2067b\ufeffc\u2028d") == "a\\u2067b\\ufeffc\\u2028d"


def test_a_long_text_is_cut_and_says_so() -> None:
    assert safe("x" * 400) == "x" * 300 + "… (100 more characters)"
    assert raw("ab\n" * 1_000_000, 6) == "ab\nab\n\n… (2,999,994 more characters are in the journal)"


def test_fifty_megabytes_cost_no_more_than_their_begin() -> None:
    huge = "\x1b" * 50_000_000
    assert len(safe(huge)) < 400
    assert len(raw(huge)) < 2_200


def test_raw_text_keeps_its_lines() -> None:
    assert raw("a\r\n\tb\x07<c>") == "a\n    b\\x07&lt;c&gt;"


@pytest.mark.parametrize("cut", [1, 10, 18, 40])
def test_a_secret_is_masked_even_where_a_text_is_cut(cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "_secrets", {})
    masking.hide("canary-4711-secret")
    said = safe("begin canary-4711-secret end", cut) + raw("begin canary-4711-secret end", cut)
    assert "canar" not in said


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_data_cannot_end_its_script_and_stays_what_it_is(data: object) -> None:
    text = json_for_script(data)
    assert not set("<>&\u2028\u2029") & set(text)
    assert text.isascii()
    assert json.loads(text) == data


def test_small_parts() -> None:
    assert code("a<b") == "<code>a&lt;b</code>"
    assert listing([]) == ""
    assert listing(["x"], "c") == '<ul class="c"><li>x</li></ul>'
    assert details("s", "i", open_=True) == "<details open><summary>s</summary>i</details>"
    shown = table("T", ["a", "b"], [("1", "2")])
    assert 'tabindex="0"' in shown
    assert '<th scope="row">1</th><td>2</td>' in shown
