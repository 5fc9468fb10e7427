"""Regular expressions of contracts: which are taken, and that none of those runs away."""

from __future__ import annotations

import re
import time
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.patterns import LONGEST, compile_pattern

MOST_CPU_S = 5.0
"""A pattern that runs away takes hours; the worst that is taken needs a third of a second on an idle core."""


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^invalid_", "invalid_amount", "invalid_"),
        ("id=([0-9]+)", "/pay?id=77&x", "id=77"),
        ("/orders/([^/?]+)$", "https://x/orders/a-1", "/orders/a-1"),
        ("(?i)not found|no such", "Order NOT FOUND", "NOT FOUND"),
        ("^(?!test)[a-z]+_[0-9]{1,9}$", "live_12", "live_12"),
        ("(?:ab|cd){1,8}", "xabcd", "abcd"),
        (r"^\[(?P<code>[]a-z]{1,20})\]", "[a]]", "[a]]"),
        (r"\d{4}-\d{2}", "on 2026-11", "2026-11"),
        ("a{,3}b", "aab", "aab"),
        ("", "anything", ""),
    ],
)
def test_what_contracts_need_is_taken(pattern: str, text: str, found: str) -> None:
    match = compile_pattern(pattern)(text)
    assert match is not None
    assert match[0] == found


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*$",
        "(?:a|a)*$",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(a|aa)+$",
        "(.*)(.*)(.*)(.*)x",
        "a*a*a*a*a*b",
        ".*.*=.*",
        "(x+x+)+y",
        "(?:a?){64}a{64}",
        "((a{1,50}){1,50}){1,50}b",
        "(?=(a+)+b)",
        "(?>(a+)+)b",
        "(?s)(.+)+!",
    ],
)
def test_what_could_run_away_is_refused(pattern: str) -> None:
    re.compile(pattern)
    with pytest.raises(ValueError, match="cannot run away"):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "a regular expression"),
        ("a)", "a regular expression"),
        ("[a", "a regular expression"),
        ("*a", "a regular expression"),
        ("a**", "a regular expression"),
        ("a{2,1}", "a regular expression"),
        ("a{99999999999999}", "a regular expression"),
        (r"(a)\1", "without references"),
        ("(?P<a>x)(?P=a)", "without references"),
        ("(a)?(?(1)b|c)", "without references"),
        ("a(?i:b)", "without references"),
        ("(" * 30 + ")" * 30, "at most 20 deep"),
        ("a" * 501, "at most 500 characters"),
    ],
)
def test_what_is_no_pattern_for_a_contract_says_why(pattern: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "letter"),
    [
        ("[a-z]+$", "a"),
        ("a.*b", "a"),
        (".*.{0,2}x", "a"),
        ("(?:ab|a){0,11}x", "a"),
        ("(?:a[a]{0,15}){0,3}x", "a"),
        ("^a*a*b", "a"),
        ("(?:[a-z][a-z])*[0-9]", "a"),
        ("(?i)[xyz]+Q", "y"),
    ],
)
def test_the_worst_that_is_taken_stays_within_bounds(pattern: str, letter: str) -> None:
    search = compile_pattern(pattern)
    begin = time.process_time()
    assert search(letter * (LONGEST - 1) + "!") is None
    assert time.process_time() - begin < MOST_CPU_S


def test_a_text_that_is_too_long_is_not_tried() -> None:
    search = compile_pattern("^a")
    assert search("a" * LONGEST)
    assert search("a" * (LONGEST + 1)) is None


_PIECES = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        ".",
        "[ab]",
        "(a|b)",
        "(?:ab|a)",
        "(a",
        ")",
        "|",
        "^",
        "$",
        "*",
        "+",
        "?",
        "{0,3}",
        "{2}",
        "{,}",
        "(?:",
        "(?=",
        "(?!",
        r"\w",
        r"\1",
        "(?i)",
        "[^",
        "]",
        "\\",
        "}",
        "{",
        "\x00",
        "é",
    ]
)


@settings(deadline=None)
@given(st.lists(_PIECES, max_size=12).map("".join))
def test_any_text_is_a_pattern_that_ends_or_a_value_error(pattern: str) -> None:
    try:
        search = compile_pattern(pattern)
    except ValueError:
        return
    begin = time.process_time()
    for text in ("a" * (LONGEST - 1) + "!", "ab" * (LONGEST // 2)):
        search(text)
    assert time.process_time() - begin < MOST_CPU_S


def test_what_a_later_python_may_read_otherwise_is_taken_without_a_word() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compile_pattern("^[0-9a-z--b]+$")("az")
