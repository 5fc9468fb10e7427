"""Lines are checked as a whole before they land: repeated ones, windows, digests."""

from __future__ import annotations

from pathlib import Path

from ackord.contract.base.http_messages import HttpResponse
from tests.statement_provider import Faults, StatementProvider

from .support import CSV, current, loaded, pulled

PAGES = """\
request: {method: GET, path: /bill, query: {from: "${period.from.unix}", to: "${period.to.unix}", after: "${cursor}"}}
window: half_open
rows: $.rows
next: $.next
columns: {movement_id: $.id, order_no: $.no, amount: $.amount, at: $.at}
time_form: unix
"""


def answer(text: str) -> HttpResponse:
    return HttpResponse(200, {"content-type": "application/json"}, text.encode())


def test_a_cursor_that_includes_its_row_repeats_nothing(tmp_path: Path) -> None:
    def row(number: int) -> str:
        return f'{{"id": {number}, "no": "N-{number}", "amount": 5, "at": 1795824000}}'

    first = answer(f'{{"rows": [{row(1)}, {row(2)}], "next": "2"}}')
    second = answer(f'{{"rows": [{row(2)}, {row(3)}]}}')
    with StatementProvider(loaded(tmp_path, PAGES), emulated=False) as provider:
        provider.answer = lambda request: (second if "after=2" in request.target else first, False)  # type: ignore[method-assign]
        result = pulled(provider, tmp_path / "s")
    assert [outcome.problem for outcome in result.outcomes] == [""]
    assert [row[1] for row in current(tmp_path / "s")] == ["N-1", "N-2", "N-3"]


def test_a_line_of_the_next_window_is_refused(tmp_path: Path) -> None:
    late = answer('{"rows": [{"id": 1, "no": "N-1", "amount": 5, "at": 1795910400}]}')
    with StatementProvider(loaded(tmp_path, PAGES), faults=Faults(answers={"main": late}), emulated=False) as provider:
        result = pulled(provider, tmp_path / "s")
    assert result.outcomes[0].problem == (
        "page 1: line 1: it was booked at 2026-11-29T00:00:00Z, outside of the period asked for, from "
        "2026-11-28T00:00:00Z until before 2026-11-29T00:00:00Z"
    )


def test_a_wrong_digest_is_told(tmp_path: Path) -> None:
    statement = CSV + "download: $.url\nchecksum: {at: $.sum, algorithm: sha1}\n"
    with StatementProvider(loaded(tmp_path, statement)) as provider:
        provider.faults.answers["main"] = HttpResponse(200, {}, b"Id,Order,Amount,Kind,At\n")
        assert "its sha1 is" in pulled(provider, tmp_path / "s").outcomes[0].problem
