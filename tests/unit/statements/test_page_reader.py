"""A page is read to its lines, its cursor and its totals."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.base.http_messages import HttpResponse
from ackord.simulation.simulated_statement_reader import page_reader_of

from .support import loaded

PAGES = """\
request: {method: GET, path: /bill, query: {day: "${period.from:%Y-%m-%d}", after: "${cursor}"}}
rows: $.rows
next: $.next
totals: {rows: $.count}
columns: {movement_id: $.id, order_no: $.no, amount: $.amount}
"""
ROW = '{"id": 1, "no": "N-1", "amount": 5}'


def answer(text: str) -> HttpResponse:
    return HttpResponse(200, {"content-type": "application/json"}, text.encode())


def test_a_page_and_the_last_one(tmp_path: Path) -> None:
    reader = page_reader_of(loaded(tmp_path, PAGES).codec)
    first = reader.read(answer(f'{{"rows": [{ROW}], "next": "c", "count": 2}}'), None)
    assert ([line.order_no for line in first.lines], first.following, first.totals) == (["N-1"], "c", {})
    last = reader.read(answer('{"rows": [], "count": 2}'), "c")
    assert (last.lines, last.following, last.totals) == ([], None, {"rows": 2})


def test_what_is_no_page_is_told(tmp_path: Path) -> None:
    reader = page_reader_of(loaded(tmp_path, PAGES).codec)
    with pytest.raises(UnreadableBody, match="the list of movements is missing"):
        reader.read(answer("{}"), None)
    with pytest.raises(UnreadableBody, match="line 1"):
        reader.read(answer('{"rows": [{"id": 1, "no": "N-1", "amount": "x"}]}'), None)
