"""An error of a line shows the line and the value, once and on one line."""

from __future__ import annotations

from ackord.contract.statement_files.rows import UnreadableLine


def test_an_error_shows_line_and_value() -> None:
    assert str(UnreadableLine(7, "the amount is wrong", "x\ny")) == "line 7: the amount is wrong: 'x\\\\ny'"
    assert str(UnreadableLine(7, "the amount is wrong: 5", "5")) == "line 7: the amount is wrong: 5"
    assert str(UnreadableLine(7, "it is none", "")) == "line 7: it is none: ''"
