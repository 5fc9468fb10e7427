"""What was read becomes events: lines of the run, sums of all, totals of the last page."""

from __future__ import annotations

from ackord.contract.base.periods import Period
from ackord.contract.loading.loader import load_contract
from ackord.core.history import RunHeader
from ackord.core.operation import Vantage
from ackord.core.statement_events import StatedLine, StatementPage, StatementRead
from ackord.record.recorder import Recorder
from ackord.statements.page_reader import ReadPage
from ackord.statements.recorded_reading import NEVER_GIVEN, PageMoment, RecordedReading, record_invented_cursor

from .support import line

CODEC = load_contract("reference").codec
MOMENT = PageMoment(Period(10, 20), True, 5, 6)


def recorder() -> Recorder:
    return Recorder(RunHeader("c", "p", "provider", Vantage.PROVIDER, 1, CODEC.promises), CODEC.read)


def reading(of: Recorder, *, row_cursor: bool = False) -> RecordedReading:
    numbers = {"po_9": "N-9"}
    return RecordedReading(of, 1, "main", 4, {"N-1", "N-2", "N-9"}.__contains__, numbers, row_cursor=row_cursor)


def test_lines_of_others_are_in_the_sums_alone() -> None:
    taken = recorder()
    one = reading(taken)
    lines = [line(1), line(7), line(3, kind="fee"), line(9, order_no="", provider_id="po_9")]
    one.add(MOMENT, ReadPage(lines, None, {"rows": 4}), first=True)
    one.end(7, until_ns=3)
    found = taken.events
    assert [e.order for e in found if isinstance(e, StatedLine)] == ["N-1", "N-9"]
    [page] = [e for e in found if isinstance(e, StatementPage)]
    assert (page.lines, page.last, page.sums["rows"], page.sums["amount"], page.totals) == (
        4,
        True,
        4,
        400,
        {"rows": 4},
    )
    assert (page.from_s, page.to_s, page.whole, page.began_ns, page.at_ns) == (10, 20, True, 5, 6)
    assert found[-1] == StatementRead(7, 1, 4, 2, "main", "", 3)


def test_totals_count_on_the_last_page_only() -> None:
    taken = recorder()
    reading(taken).add(MOMENT, ReadPage([line(1)], "c", {"rows": 9}), first=True)
    [page] = [e for e in taken.events if isinstance(e, StatementPage)]
    assert (page.last, page.totals) == (False, {})


def test_several_currencies_add_up_to_counts() -> None:
    taken = recorder()
    page = ReadPage([line(1), line(2, currency="USD")], None, {"rows": 2, "amount": 200})
    reading(taken).add(MOMENT, page, first=True)
    [page_event] = [e for e in taken.events if isinstance(e, StatementPage)]
    assert (page_event.sums, page_event.totals) == ({"rows": 2, "rows_out": 2}, {"rows": 2})


def test_a_cursor_that_includes_its_row_repeats_nothing() -> None:
    for row_cursor, count in ((True, 2), (False, 3)):
        taken = recorder()
        one = reading(taken, row_cursor=row_cursor)
        one.add(MOMENT, ReadPage([line(1)], "1", {}), first=True)
        one.add(MOMENT, ReadPage([line(1), line(2)], None, {}), first=False)
        assert sum(isinstance(e, StatedLine) for e in taken.events) == count


def test_an_invented_cursor_is_recorded_with_its_answer() -> None:
    taken = recorder()
    record_invented_cursor(taken, MOMENT, 0, "status 422")
    assert taken.events == [StatementPage(6, 0, 1, 5, 10, 20, True, 0, True, {}, {}, "status 422", "", NEVER_GIVEN)]
