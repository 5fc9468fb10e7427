"""Windows in which a run reads a statement, by how the contract writes a period."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.base.periods import Period
from ackord.core.clock import SECOND
from ackord.run.statement_windows import StatementWindows
from tests.unit.statements.support import DAY_S, loaded

NOW_S = DAY_S + 36_000
COLUMNS = "columns: {movement_id: $.id, order_no: $.no, amount: $.amount}\nrows: $.rows\n"
FORMS = {
    "instants": 'request: {method: GET, path: /b, query: {f: "${period.from.unix}", t: "${period.to.unix}"}}\nwindow: half_open\n',
    "closed": 'request: {method: GET, path: /b, query: {f: "${period.from.unix}", t: "${period.to.unix}"}}\nwindow: closed\n',
    "minutes": 'request: {method: GET, path: /b, query: {f: "${period.from:%H:%M}", t: "${period.to:%H:%M}"}}\nwindow: half_open\n',
    "days": 'request: {method: GET, path: /b, query: {d: "${period.from:%Y-%m-%d}"}}\n',
    "far days": 'request: {method: GET, path: /b, query: {d: "${period.from:%Y-%m-%d|+08:00}"}}\n',
}


def windows(folder: Path, form: str, slack_s: int = 0, after: str = "500ms") -> StatementWindows:
    statement = loaded(folder, f"{FORMS[form]}{COLUMNS}available_after: {after}\n").contract.statement
    assert statement is not None
    return StatementWindows(statement, NOW_S - 5, slack_s)


@pytest.mark.parametrize(
    ("form", "border", "expected"),
    [
        ("instants", None, [(NOW_S - 5, NOW_S + 1)]),
        ("instants", NOW_S - 2, [(NOW_S - 5, NOW_S - 2), (NOW_S - 2, NOW_S + 1)]),
        ("instants", NOW_S - 9, [(NOW_S - 5, NOW_S + 1)]),
        ("minutes", NOW_S - 2, [(NOW_S - 60, NOW_S + 60)]),
        ("days", NOW_S - 2, [(DAY_S, DAY_S + 86_400)]),
        ("far days", None, [(DAY_S - 8 * 3600, DAY_S + 16 * 3600)]),
    ],
)
def test_what_moved_until_now_lies_in_them(
    tmp_path: Path, form: str, border: int | None, expected: list[tuple[int, int]]
) -> None:
    assert windows(tmp_path, form).settled(NOW_S, border) == [Period(*each) for each in expected]


def test_while_money_moves_they_end_ahead(tmp_path: Path) -> None:
    [window] = windows(tmp_path, "instants", slack_s=2).growing(NOW_S)
    assert window.from_s == NOW_S - 7
    assert window.to_s > NOW_S + 2
    assert windows(tmp_path, "days").growing(NOW_S) == [Period(DAY_S, DAY_S + 86_400)]


def test_an_end_that_is_included_is_asked_for_as_such(tmp_path: Path) -> None:
    assert windows(tmp_path, "closed").asked(Period(10, 20)) == Period(10, 19)
    assert windows(tmp_path, "instants").asked(Period(10, 20)) == Period(10, 20)


def test_a_window_is_whole_once_its_time_is_over(tmp_path: Path) -> None:
    exact, slack = windows(tmp_path, "instants"), windows(tmp_path, "instants", slack_s=2)
    window = Period(NOW_S - 5, NOW_S)
    after_ns = NOW_S * SECOND + SECOND // 2
    assert (exact.whole(window, after_ns - 1), exact.whole(window, after_ns)) == (False, True)
    assert not slack.whole(window, after_ns)
    assert slack.until_whole_ns(window, after_ns) == 2 * SECOND
    words = windows(tmp_path, "instants", after="next day 10:00 UTC")
    assert (words.whole(window, 2 * after_ns), words.until_whole_ns(window, 0)) == (False, 0)
    assert str(exact.day(window)) == "2026-11-28"
