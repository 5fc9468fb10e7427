"""What a merchant says of its payments."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest
from ackord.core.clock import RealClock
from ackord.core.event import MerchantReport
from ackord.drill.merchant_view import MerchantView, compiled_report_pattern
from ackord.errors import UsageError


class Told:
    def __init__(self, pattern: str = "") -> None:
        self.reports: list[MerchantReport] = []
        self.view = MerchantView(self.reports.append, RealClock(), compiled_report_pattern(pattern))

    @property
    def seen(self) -> list[tuple[str, str, str, int | None]]:
        return [(r.order, r.intent, str(r.outcome), r.payments) for r in self.reports]


@pytest.mark.parametrize("bad", ["(", "(?P<order>x)", "(?P<outcome>x)", "paid"])
def test_a_pattern_that_can_say_nothing_is_refused(bad: str) -> None:
    with pytest.raises(UsageError, match="--report-pattern"):
        compiled_report_pattern(bad)


def test_lines_of_output() -> None:
    told = Told(r"order (?P<order>\S+): (?P<outcome>\w+)")
    told.view.take_line("12:00 order A1: PAID; order A2: failed")
    told.view.take_line("nothing")
    told.view.take_line("order A3: maybe")
    assert told.seen == [("A1", "", "paid", None), ("A2", "", "failed", None)]
    assert list(told.view.notes()) == [
        "a report (output) was not understood: outcome is 'maybe'. Expected paid, failed, open"
    ]


def test_words_of_one_s_own_by_named_groups() -> None:
    told = Told(r"booked (?P<paid>\S+)|refunded (?P<failed>\S+)")
    told.view.take_line("booked A1")
    told.view.take_line("refunded A2")
    assert told.seen == [("A1", "", "paid", None), ("A2", "", "failed", None)]


@pytest.mark.parametrize(
    ("body", "status", "reports"),
    [
        ({"order": "A1", "outcome": "paid"}, 204, 1),
        ([{"order": "A1", "outcome": "open"}, {"intent": 7, "payments": 2}], 204, 2),
        ({"order": "A1"}, 400, 0),
        ({"outcome": "paid"}, 400, 0),
        ({"order": True, "outcome": "paid"}, 400, 0),
        ({"order": "A1", "payments": -1}, 400, 0),
        ({"order": "A1", "payments": True}, 400, 0),
        ("paid", 400, 0),
    ],
)
def test_calls(body: Any, status: int, reports: int) -> None:
    told = Told()
    answer = told.view.take_call(HttpRequest("POST", "/", (), json.dumps(body).encode()))
    assert (answer.status, len(told.reports)) == (status, reports)
    assert told.view.take_call(HttpRequest("POST", "/", (), b"{")).status == 400


def books(code: str) -> Told:
    told = Told()
    told.view.take_books([sys.executable, "-c", code], {})
    return told


def test_books() -> None:
    told = books('print(\'{"intent": "R-7", "payments": 2}\'); print(\'{"order": "A1", "outcome": "open"}\')')
    assert told.seen == [("", "R-7", "None", 2), ("A1", "", "open", None)]


def test_books_that_cannot_be_read_are_told() -> None:
    assert list(books("import sys; print('x'); sys.exit('no database')").view.notes()) == [
        "--verify-cmd ended with exit code 1: no database", "a line of --verify-cmd is not JSON",
    ]  # fmt: skip
    told = Told()
    told.view.take_books(["/no/such/program"], {})
    assert "cannot be started" in next(told.view.notes())
