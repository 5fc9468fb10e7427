"""Pages are grouped by reading and window; a reading proves something once it came to its end."""

from __future__ import annotations

from ackord.core.statement_events import StatementPage, StatementRead
from ackord.core.statement_readings import StatementReadings


def page(number: int, window: tuple[int, int] = (10, 20), *, whole: bool = True, last: bool = False) -> StatementPage:
    return StatementPage(number, 1, number, number, *window, whole, 1, last, {"rows": 1, "amount": number}, {})


def readings(*pages: StatementPage, problem: str = "") -> StatementReadings:
    found = StatementReadings()
    for each in pages:
        found.add(each)
    found.add(StatementRead(9, 1, 1, 0, "main", problem))
    return found


def test_windows() -> None:
    [one] = readings(page(1), page(2, last=True), page(3, (20, 30), whole=False, last=True))
    assert [(w.period, len(w.pages), w.whole, w.ended) for w in one.windows] == [
        ((10, 20, ""), 2, True, True), ((20, 30, ""), 1, False, True),
    ]  # fmt: skip
    assert one.windows[0].sums() == {"rows": 2, "amount": 3}
    assert (one.proves, one.whole, one.began_ns, one.pages, one.account) == (True, False, 1, 3, "main")
    assert one.window_of[3] is one.windows[1]
    assert one.windows[0].holds(10_000_000) and not one.windows[0].holds(20_000_000)
    assert not one.windows[0].holds(None)


def test_what_failed_is_told() -> None:
    found = readings(page(1), problem="cut")
    assert (found.problem, found.mostly_failed, len(found.failed)) == ("cut", True, 1)
    assert not next(iter(found)).proves
    assert not readings(page(1)).mostly_failed


def test_a_reading_without_its_end_proves_nothing() -> None:
    found = StatementReadings()
    found.add(page(1))
    assert not next(iter(found)).proves
    assert (bool(found), found.problem, found.mostly_failed) == (True, "", False)


def test_invented_cursors_stand_apart() -> None:
    found = StatementReadings()
    found.add(page(1)._replace(cursor="invented"))
    assert (len(found.invented), found.by_number) == (1, {})


def test_what_proves_for_an_account_is_asked_anew_after_each_event() -> None:
    found = readings(page(1))
    assert (found.proving("main"), found.proving("other"), found.proving("")) == ([1], [], [1])
    found.add(StatementPage(5, 2, 1, 5, 10, 20, True, 1, True, {}, {}))
    assert found.proving("main") == [1]
    found.add(StatementRead(9, 2, 1, 0, "", ""))
    assert (found.proving("main"), found.proving("other")) == ([1, 2], [2])
