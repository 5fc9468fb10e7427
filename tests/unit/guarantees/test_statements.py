"""What the guarantees of statements have in common: words, lines by reading, what moved."""

from __future__ import annotations

from ackord.core.clock import MS
from ackord.guarantees.statements import (
    counted,
    distinct_lines,
    lines_by_reading,
    movements_known,
    no_statement,
    no_statement_pages,
    told_instant,
    told_line,
)

from .build import history, order
from .statement_build import GROWS, WHOLE, line, page, reading


def test_lines_stand_with_the_readings_that_came_to_their_end() -> None:
    events = [
        *reading(1, 50, [page(line())]),
        *reading(2, 60, [page(line())], problem="cut"),
        *reading(3, 70, [page()]),
    ]
    one = history(order().submit(0, 5), promises=WHOLE, events=events).orders[0]
    assert [(r.number, len(lines)) for r, lines in lines_by_reading(one)] == [(1, 1), (3, 0)]


def test_what_moved_is_known_from_the_ledger_and_from_answers() -> None:
    paid = order().submit(0, 5).query(6, 7, "RETURNED").pays(9).ledger_read(10)
    [one] = history(paid, promises=WHOLE).orders
    assert [(m.out, m.known_ns // MS, m.by_answer) for m in movements_known(one, WHOLE)] == [
        (True, 10, False), (True, 7, True), (False, 7, True),
    ]  # fmt: skip
    assert all(m.by_answer for m in movements_known(one, GROWS))


def test_a_line_counts_once_and_those_without_an_identifier_each() -> None:
    lines = [line(), line(), line("m2"), line(""), line(""), line("r", kind="refund")]
    assert (distinct_lines(lines, out=True), distinct_lines(lines, out=False)) == (4, 1)
    assert counted(lines).total() == 6


def test_words() -> None:
    assert told_instant(0) == "1970-01-01T00:00:00Z"
    assert told_line(line("", 5, "return")) == "the return (5 minor units)"
    assert no_statement(WHOLE) == no_statement_pages(WHOLE) == ""
