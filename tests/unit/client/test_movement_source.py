"""A statement as the source of movements: which days are asked for, and what one that is not whole proves."""

from __future__ import annotations

import asyncio

import pytest

from ackord.client.movement_source import ApiLedger, StatementSource, UnreadSource
from ackord.client.transport import NoResponse
from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.core.event import LedgerRead, Movement

from .test_provider_client import LEDGER, SMALL, FakeTransport, client

STATEMENT = """\
statement:
  request: {method: GET, path: "/bills/${period.from:%Y-%m-%d}"}
  csv: {}
  columns: {movement_id: Id, order_no: Order, amount: Cents}
"""
NOON_S = 1_767_268_800
"""2026-01-01 12:00:00 UTC."""
LAST_S = NOON_S + 12 * 3600 - 30
"""Half a minute before the day ends."""


def stated(*rows: str, from_s: int = NOON_S, now_s: int = NOON_S, incomplete: str = "") -> StatementSource:
    def bill(request: HttpRequest, before: int) -> HttpResponse:
        today = request.target.endswith("2026-01-01")
        return HttpResponse(200, {}, "\n".join(["Id,Order,Cents", *(rows if today else ["y1,n-9,7"])]).encode())

    transport = FakeTransport(bill)
    asked = client(SMALL + STATEMENT, transport)
    asked.unix_s = lambda: now_s
    return StatementSource(asked, transport, "http://127.0.0.1:1", from_s, incomplete=incomplete)


def targets(source: StatementSource) -> list[str]:
    assert isinstance(source.transport, FakeTransport)
    return source.transport.targets


def test_the_day_of_the_run_is_read() -> None:
    source = stated("m1,n-1,5", "m2,n-2,7")
    assert asyncio.run(source.read(lambda number: number == "n-1")) == 1
    movement, read = source.client.recorder.events
    assert isinstance(movement, Movement) and isinstance(read, LedgerRead)
    assert movement[1:] == ("main", "n-1", "m1", 5, "payout", "", "")
    assert (read.problem, read.movements) == ("", 1)
    assert read.began_ns is not None and read.began_ns <= read.at_ns
    assert targets(source) == ["/bills/2026-01-01"]


def test_a_run_over_midnight_reads_both_days() -> None:
    source = stated("m1,n-1,5", from_s=NOON_S - 13 * 3600)
    assert asyncio.run(source.read(lambda number: True)) == 2
    assert targets(source) == ["/bills/2025-12-31", "/bills/2026-01-01"]


@pytest.mark.parametrize(("source", "words"), [
    (stated("m1,n-1,5", incomplete="too early"), "too early"),
    (stated("m1,n-1,5", now_s=LAST_S), "the day of the statement ends now"),
])  # fmt: skip
def test_what_stands_in_a_statement_that_is_not_whole_is_recorded(source: StatementSource, words: str) -> None:
    asyncio.run(source.read(lambda number: True))
    movement, read = source.client.recorder.events
    assert isinstance(movement, Movement) and isinstance(read, LedgerRead)
    assert movement.movement_id == "m1"
    assert words in read.problem


def test_a_statement_that_cannot_be_read_says_so_and_that_it_was_early() -> None:
    source = stated("m1,n-1,not a number", incomplete="too early")
    with pytest.raises(NoResponse, match=r"the statement cannot be read: .*; too early"):
        asyncio.run(source.read(lambda number: True))
    assert not source.client.recorder.events


def test_rows_with_one_identifier_are_no_statement() -> None:
    source = stated("m1,n-1,5", "m1,n-1,5")
    with pytest.raises(NoResponse, match="two rows have one identifier, m1"):
        asyncio.run(source.read(lambda number: True))


def test_a_ledger_of_the_api_is_read_by_its_client() -> None:
    page = b'{"d": [{"id": "m1", "no": "n-1", "amount": 5}], "next": null}'
    transport = FakeTransport(lambda request, before: HttpResponse(200, {}, page))
    source = ApiLedger(client(SMALL + LEDGER, transport), transport)
    assert not source.by_order
    assert asyncio.run(source.read(lambda number: True)) == 1
    by_order = client(SMALL + LEDGER.replace("/moved,", '"/moved/${order_no}",'), transport)
    assert ApiLedger(by_order, transport).by_order


def test_what_this_run_cannot_read_says_why() -> None:
    with pytest.raises(NoResponse, match="because"):
        asyncio.run(UnreadSource("because").read(lambda number: True))
