"""A statement as the source of movements: which periods and parts are asked for, and what proves nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from ackord.client.transport import NoResponse
from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.core.event import LedgerRead, Movement
from ackord.run.environments.statement_source import StatementSource
from ackord.statements.fetching import StatementFetcher

from ...client.test_provider_client import SMALL, FakeTransport, client

STATEMENT = """\
statement:
  request: {method: GET, path: "/bills/${period.from:%Y-%m-%d}"}
  csv: {}
  columns: {movement_id: Id, order_no: Order, amount: Cents}
"""
DOWNLOAD = """\
statement:
  request: {method: GET, path: "/bill/${period.from:%Y-%m-%d}"}
  download: $.url
  download_hosts: ["https://files.example"]
  rows: $.d
  columns: {movement_id: $.id, order_no: $.no, amount: $.amount}
"""
COUNTED = """\
statement:
  request: {method: GET, path: /bill, query: {day: "${period.from:%Y%m%d}", skip: "${cursor}"}}
  rows: $.rows
  counted: {by: row}
  columns: {movement_id: $.id, order_no: $.no, amount: $.amount}
"""
PARTS = """\
statement:
  request: {method: GET, path: "/bills/${part}/${period.from:%Y-%m-%d}"}
  parts: [ALL, BACK]
  csv: {}
  columns: {order_no: Order, provider_id: Of, amount: Cents, kind: Kind, account: Whose, refund_no: Refund, currency: Money, at: At}
  kinds: {out: payout, back: refund, fee: neither}
  time_form: "%Y-%m-%d"
  totals: {rows: {regex: "rows (\\\\d+)"}}
  not_yet: {status: 404}
"""
NOON_S = 1_767_268_800
"""2026-01-01 12:00:00 UTC."""
LAST_S = NOON_S + 12 * 3600 - 30
"""Half a minute before the day ends."""
Answering = Callable[[HttpRequest, int], HttpResponse]


class Files(FakeTransport):
    """A transport that gives a body as it comes."""

    async def receive(
        self, request: HttpRequest, take: Callable[[bytes], object], *, idle_ns: int, most_bytes: int
    ) -> HttpResponse:
        answer = await self.send(request, timeout_ns=idle_ns)
        if 200 <= answer.status < 300:
            take(bytes(answer.body))
            return answer._replace(body=b"")
        return answer


async def no_pause(seconds: float) -> None:
    pass


def source_of(text: str, answering: Answering, *, from_s: int = NOON_S, now_s: int = NOON_S, incomplete: str = "",
              **elsewhere: Any) -> StatementSource:  # fmt: skip
    transport: Any = Files(answering)
    asked = client(SMALL + text, transport)
    asked.unix_s = lambda: now_s
    statement = asked.codec.contract.statement
    assert statement is not None
    hosts = {"": transport} | {f"https://{name}.example": there for name, there in elsewhere.items()}
    fetcher = StatementFetcher(asked, statement, "http://127.0.0.1:1", hosts, None, no_pause, 10**9)
    return StatementSource(asked, fetcher, from_s, incomplete)


def stated(*rows: str, **more: Any) -> StatementSource:
    def bill(request: HttpRequest, before: int) -> HttpResponse:
        today = request.target.endswith("2026-01-01")
        return HttpResponse(200, {}, "\n".join(["Id,Order,Cents", *(rows if today else ["y1,n-9,7"])]).encode())

    return source_of(STATEMENT, bill, **more)


def read(source: StatementSource, concerns: Callable[[str], bool] = lambda number: True) -> int:
    async def once() -> int:
        try:
            return await source.read(concerns)
        finally:
            await source.close()

    return asyncio.run(once())


def targets(source: StatementSource) -> list[str]:
    transport: Any = source.fetcher.transports[""]
    found: list[str] = transport.targets
    return found


def moved(source: StatementSource) -> list[tuple[Any, ...]]:
    return [tuple(event[1:]) for event in source.client.recorder.events if isinstance(event, Movement)]


def test_the_day_of_the_run_is_read() -> None:
    source = stated("m1,n-1,5", "m2,n-2,7")
    assert read(source, lambda number: number == "n-1") == 1
    movement, reading = source.client.recorder.events
    assert isinstance(movement, Movement) and isinstance(reading, LedgerRead)
    assert movement[1:] == ("main", "n-1", "m1", 5, "payout", "", "")
    assert (reading.problem, reading.movements) == ("", 1)
    assert reading.began_ns is not None and reading.began_ns <= reading.at_ns
    assert targets(source) == ["/bills/2026-01-01"]


def test_a_run_over_midnight_reads_both_days() -> None:
    source = stated("m1,n-1,5", from_s=NOON_S - 13 * 3600)
    assert read(source) == 2
    assert targets(source) == ["/bills/2025-12-31", "/bills/2026-01-01"]


@pytest.mark.parametrize(("more", "words"), [
    ({"incomplete": "too early"}, "too early"), ({"now_s": LAST_S}, "the day of the statement ends now"),
])  # fmt: skip
def test_what_stands_in_a_statement_that_is_not_whole_is_recorded(more: dict[str, Any], words: str) -> None:
    source = stated("m1,n-1,5", **more)
    read(source)
    movement, reading = source.client.recorder.events
    assert isinstance(movement, Movement) and isinstance(reading, LedgerRead)
    assert movement.movement_id == "m1"
    assert words in reading.problem


def test_a_statement_that_cannot_be_read_says_so_and_that_it_was_early() -> None:
    source = stated("m1,n-1,not a number", incomplete="too early")
    with pytest.raises(NoResponse, match=r"the statement cannot be read: (.|\n)*not a number(.|\n)*; too early"):
        read(source)
    assert not source.client.recorder.events


def test_rows_with_one_identifier_are_no_statement() -> None:
    with pytest.raises(NoResponse, match="two rows have one identifier, m1"):
        read(stated("m1,n-1,5", "m1,n-1,5"))


def parts(all_rows: str, back: str, ended: int = 3) -> StatementSource:
    head = "Order,Of,Cents,Kind,Whose,Refund,Money,At\n"

    def bill(request: HttpRequest, before: int) -> HttpResponse:
        if "/BACK/" in request.target:
            return HttpResponse(404 if not back else 200, {}, f"{head}{back}rows 1,,,,,,,\n".encode())
        return HttpResponse(200, {}, f"{head}{all_rows}rows {ended},,,,,,,\n".encode())

    return source_of(PARTS.replace("csv: {}", "csv: {summary_rows: 1}"), bill)


PAID = "n-1,,5,out,main,,EUR,2026-01-01\n"
BACK = ",po_7,5,back,other,r-1,EUR,2026-01-01\n"


def test_every_part_is_read_and_equal_lines_without_identifiers_are_movements_of_their_own() -> None:
    source = parts(PAID * 2 + "n-1,,1,fee,,,EUR,2026-01-01\n", BACK)
    source.client.client_state.numbers["po_7"] = "n-7"
    assert read(source) == 3
    first, second, back = moved(source)
    assert first[:2] + first[3:] == second[:2] + second[3:] == ("main", "n-1", 5, "payout", "EUR", "")
    assert first[2] != second[2]
    assert back[:2] + back[3:] == ("other", "n-7", 5, "refund", "EUR", "r-1")
    again = parts(PAID * 2 + "n-1,,1,fee,,,EUR,2026-01-01\n", BACK)
    read(again)
    assert [one[2] for one in moved(again)[:2]] == [first[2], second[2]], "a later reading gives the same names"


def test_equal_lines_in_two_parts_are_two_movements() -> None:
    source = parts(PAID, PAID, ended=1)
    assert read(source) == 2
    first, second = moved(source)
    assert first[2] != second[2]


def test_what_contradicts_itself_or_is_not_there_yet_proves_nothing() -> None:
    with pytest.raises(NoResponse, match="its totals contradict its lines"):
        read(parts(PAID, BACK, ended=2))
    with pytest.raises(NoResponse, match="the statement is not there yet"):
        read(parts(PAID, "", ended=1))


def test_a_provider_that_does_not_answer_is_asked_again_before_it_proves_nothing() -> None:
    source = source_of(STATEMENT, lambda request, before: HttpResponse(503, {}, b""))
    with pytest.raises(NoResponse, match="status 503, after 6 tries"):
        read(source)


def test_a_file_is_fetched_where_the_run_may_go() -> None:
    def bill(request: HttpRequest, before: int) -> HttpResponse:
        body = b'{"url": "https://files.example/f", "d": [{"id": "m1", "no": "n-1", "amount": 5}]}'
        return HttpResponse(200, {"content-type": "application/json"}, body)

    there = Files(bill)
    source = source_of(DOWNLOAD, bill, files=there)
    assert read(source) == 1
    assert (targets(source), there.targets) == (["/bill/2026-01-01"], ["/f"])
    with pytest.raises(NoResponse, match=r"at https://files\.example, where this pull does not go"):
        read(source_of(DOWNLOAD, bill))


def test_a_list_whose_rows_move_is_read_again() -> None:
    def moving(request: HttpRequest, before: int) -> HttpResponse:
        """A list whose newest row stands first, and comes when the first page was read once."""
        names = ["a", "b", "c"] if request.target.endswith("skip=0") and not before else ["new", "a", "b", "c"]
        start = int(request.target.rpartition("=")[2])
        rows = [{"id": name, "no": f"n-{name}", "amount": 5} for name in names[start : start + 2]]
        return HttpResponse(200, {"content-type": "application/json"}, json.dumps({"rows": rows}).encode())

    source = source_of(COUNTED, moving)
    assert read(source) == 4
    assert [one[2] for one in moved(source)] == ["new", "a", "b", "c"]
