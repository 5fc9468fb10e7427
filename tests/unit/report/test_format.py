from __future__ import annotations

import pytest

from ackord.core.clock import MS, SECOND
from ackord.report.format import count, milliseconds, money, printable, relative, short_count


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("404 ORDER_NOT_FOUND", "404 ORDER_NOT_FOUND"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\r\nlines\x00", "two\\x0d\\x0alines\\x00"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("line\u2028separator", "line\\u2028separator"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u200fb\u200bc\ufeff\u2060\U000e0041", "a\\u200fb\\u200bc\\ufeff\\u2060\\U000e0041"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("Zürich 没有落地 €", "Zürich 没有落地 €"),
    ],
)
def test_nothing_that_a_terminal_obeys_is_left(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 ms"),
        (840_000, "+0.84 ms"),
        (3_100_000, "+3.10 ms"),
        (-31 * MS, "-31.0 ms"),
        (203 * MS, "+203 ms"),
        (1993 * MS, "+1,993 ms"),
        (12_400 * MS, "+12.4 s"),
        (-3_600 * SECOND, "-3,600.0 s"),
    ],
)
def test_instants_are_told_with_the_digits_that_matter(ns: int, text: str) -> None:
    assert relative(ns) == text


def test_a_duration_has_no_plus() -> None:
    assert milliseconds(203 * MS) == "203 ms"


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1999, "EUR", "19.99 EUR"),
        (1999, "JPY", "1999 JPY"),
        (25_000, "", "25,000 minor units"),
        (25_000, "<no code>", "25,000 minor units"),
        (None, "EUR", ""),
    ],
)
def test_money_is_in_major_units_where_the_currency_is_known(minor: int | None, currency: str, text: str) -> None:
    assert money(minor, currency) == text


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0"), (999, "999"), (1000, "1k"), (99_999, "99k"), (999_999, "999k"), (12_000_000, "12M")]
)
def test_a_short_count_fits_a_narrow_cell(n: int, text: str) -> None:
    assert short_count(n) == text
    assert len(text) <= 4


def test_one_is_not_many() -> None:
    assert [count(1, "order"), count(2000, "order"), count(2, "query", "queries")] == [
        "1 order",
        "2,000 orders",
        "2 queries",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error file=x::pwned", "\\x3a:error file=x::pwned"),
        ("paid ::ADD-MASK::x", "paid \\x3a:ADD-MASK::x"),
        ("##[error]x ##vso[task.complete]y", "\\x23#[error]x \\x23#vso[task.complete]y"),
        ("std::string ::1 tests/a.py::test_error ::errors ## [x]", "std::string ::1 tests/a.py::test_error ::errors ## [x]"),
    ],
)  # fmt: skip
def test_a_job_s_log_obeys_nothing_of_an_answer_wherever_a_line_is_broken(text: str, shown: str) -> None:
    assert printable(text) == shown
