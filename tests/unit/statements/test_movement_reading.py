"""Movements are read from a statement in every form that a contract can name; what is wrong is said in words, and then
nothing is read.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, LedgerRow, compile_contract
from ackord.contract.codec.compression import compress_file
from ackord.contract.emulate.domain_requests import StatementRequest
from ackord.contract.emulate.domain_responses import MovementsResponse, ProviderMovement
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from ackord.errors import FileError
from tests.statement_reading import read_statement

from ..contract.stating import (
    CSV,
    DAY_S,
    HEAD,
    JSON,
    MIDNIGHT_S,
    NAMES,
    PLACES,
    REQUEST,
    movements_of,
    read,
    small,
    table,
    timed,
)
from ..contract.support import SMALL, document, loaded


@pytest.mark.parametrize(
    "form", ["iso8601", "unix", "unix_ms", "%d.%m.%Y %H:%M:%S", "%Y%m%d%H%M%S|+08:00", "%c %z|-03:30"]
)
@pytest.mark.parametrize("statement", [JSON, CSV], ids=["json", "csv"])
def test_when_money_moved_is_read_as_it_is_written(statement: dict[str, Any], form: str) -> None:
    columns = {**statement["columns"], "at": "$.when" if "rows" in statement else "When"}
    codec = small({**statement, "columns": columns, "time_form": form})
    movements = movements_of(codec)
    assert list(read(codec, ContractEmulation(codec), movements).rows) == timed(movements, "payout", "return")


@pytest.mark.parametrize(
    ("form", "text", "at_s"),
    [
        ("iso8601", "2026-09-20T08:00:00.9+08:00", MIDNIGHT_S),
        ("iso8601", "2026-09-20T00:00:00Z", MIDNIGHT_S),
        ("unix_ms", str(MIDNIGHT_S * 1000 + 999), MIDNIGHT_S),
        ("%Y-%m-%d %H:%M:%S|+08:00", "2026-09-20 08:00:00", MIDNIGHT_S),
        ("%d/%m/%y %H:%M %z|+08:00", "20/09/26 02:00 +0200", MIDNIGHT_S),
        ("%Y-%m-%d|-02:00", "2026-09-19", MIDNIGHT_S - DAY_S + 7200),
    ],
)
def test_a_time_as_others_write_it(form: str, text: str, at_s: int) -> None:
    codec = small({**CSV, "columns": {**NAMES, "at": "When"}, "time_form": form})
    page = read_statement(codec, table(f"{HEAD},When", f"1,N-1,acc_1,5,payout,{text}"))
    assert [row.at_s for row in page.rows] == [at_s], page.problem


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("iso8601", "", "the time is missing"),
        ("iso8601", "2026-09-20T08:00:00", "does not say its zone"),
        ("iso8601", "yesterday", "cannot be read: yesterday"),
        ("unix", "1.5", "expected a whole number"),
        ("%Y-%m-%d|+08:00", "2026-09-31", "cannot be read: 2026-09-31"),
        ("%Y-%m-%d", "2026-09-20 08:00", "cannot be read"),
    ],
)
def test_a_time_that_cannot_be_read_makes_the_statement_unreadable(form: str, text: str, words: str) -> None:
    codec = small({**CSV, "columns": {**NAMES, "at": "When"}, "time_form": form})
    page = read_statement(codec, table(f"{HEAD},When", f"1,N-1,acc_1,5,payout,{text}"))
    assert page.rows == () and words in page.problem


@pytest.mark.parametrize("form", ["iso8601", "unix", "unix_ms", "%Y-%m-%d"])
@pytest.mark.parametrize("value", [None, True, 1.5, [1], {}, 1 << 80, "9" * 40])
def test_a_time_that_is_none_is_unreadable_whatever_it_is(form: str, value: Any) -> None:
    codec = small({**JSON, "columns": {**PLACES, "at": "$.when"}, "time_form": form})
    row = {"id": 1, "of": {"no": "N-1"}, "acc": "acc_1", "amount": 5, "kind": "payout", "when": value}
    page = read_statement(codec, HttpResponse(200, {}, json.dumps({"data": {"rows": [row]}}).encode()))
    assert page.rows == () and "line 1: the time" in page.problem


def test_a_table_as_others_write_it() -> None:
    codec = small({**CSV, "csv": {"cell_prefix": "`", "head_rows": 3, "summary_rows": 2}, "money": "major"})
    answer = table(
        "\ufeffBill of 2026-09-20", "", "#---,,,", "Id,Order,Extra,Account,Amount,Kind", "`1\t,`N-1\t,`,`acc_1,`12.50,`payout",
        '"`2","`N,2",`,`acc_9,`3,`return,', "", "Sum,Count", "`15.50,`2", ",,",
    )  # fmt: skip
    page = read_statement(codec, answer)
    assert not page.problem
    assert page.rows == (LedgerRow("1", "N-1", "main", 1250, "payout"), LedgerRow("2", "N,2", "acc_9", 300, "return"))


@pytest.mark.parametrize(
    ("statement", "answer", "words"),
    [
        (CSV, HttpResponse(200, {}, b""), "has 0 rows, and head and summary alone are 1"),
        (CSV, table("<html>"), "no column called"),
        (CSV, table(f"{HEAD},Id"), "several columns called Id"),
        (CSV, table(HEAD, "1,2"), "line 2: the row has 2 cells, expected 5 or more"),
        (CSV, table(HEAD, '1,"2"x,acc_1,5,payout'), "line 2: it cannot be read as cells"),
        (CSV, table(HEAD, '1,"2'), "cannot be read"),
        (CSV, table(HEAD, "1," + "9" * 200_000), "line 2: it cannot be read as cells: field larger"),
        (CSV, table(HEAD, "1,N-1,acc_1,5,rebate"), "the kind is unknown (see kinds): 'rebate'"),
        (CSV, table(HEAD, ",N-1,acc_1,5,payout"), "line 2: the line has no identifier"),
        (CSV, table(HEAD, "1,N-1,,5,payout"), "line 2: the line has no account"),
        (CSV, table(HEAD, "1,N-1,acc_1,,payout"), "line 2: the line has no amount"),
        (CSV, table(HEAD, "1,N-1,acc_1,5.00,payout"), "expected a whole number"),
        (CSV, table(HEAD, "1,N-1,acc_1,--5,payout"), "expected a whole number"),
        (CSV, table(HEAD, "1,N-1,acc_1,-5,payout"), "is negative"),
        ({**CSV, "money": "major"}, table(HEAD, "1,N-1,acc_1,0.001,payout"), "is no amount of EUR"),
        ({**CSV, "money": "major"}, table(HEAD, "1,N-1,acc_1,1_0,payout"), "expected an amount"),
        ({**CSV, "sign": "negative_out"}, table(HEAD, "1,N-1,acc_1,5,payout"), "a payout by its kind and a return "
            "by its amount"),
        ({**CSV, "csv": {"encoding": "gbk"}}, HttpResponse(200, {}, b"\xff\xff"), "no text in gbk"),
        (CSV, HttpResponse(200, {}, b"\xff\xff"), "no text in utf-8"),
        ({**CSV, "compressed": "gzip"}, table(HEAD), "no gzip"),
        ({**CSV, "compressed": "zip"}, table(HEAD), "no zip"),
        (JSON, HttpResponse(200, {}, b'{"data": {}}'), "the list of movements is missing"),
        (JSON, HttpResponse(200, {}, b'{"data": {"rows": [5]}}'), "line 1: the line has no amount"),
        (JSON, HttpResponse(200, {}, b'{"data": {"rows": [{"id": 1, "acc": "a", "kind": "payout", "amount": '
            b'"5"}]}}'), "is text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_read(statement: dict[str, Any], answer: HttpResponse, words: str) -> None:
    page = read_statement(small(statement), answer)
    assert page.rows == () and page.next_cursor is None
    assert page.problem.startswith("the statement cannot be read: ")
    assert words in page.problem


@pytest.mark.parametrize(
    ("cells", "words"),
    [("5,5", "two amounts"), (",", "no amounts"), ("0,0", "no amounts"), ("-5,", "is negative")],
)
def test_one_of_two_columns_holds_the_amount(cells: str, words: str) -> None:
    codec = small({**CSV, "columns": {"movement_id": "Id", "order_no": "Order", "amount": "Out", "amount_back": "In"}})
    assert words in read_statement(codec, table("Id,Order,Out,In", f"1,N-1,{cells}")).problem
    assert read_statement(codec, table("Id,Order,Out,In", "1,N-1,0,7")).rows[0][3:5] == (7, "return")


NUMBERED = {
    **CSV,
    "csv": {"encoding": "gbk", "quote": "'", "head_rows": 0},
    "columns": {"movement_id": "1", "order_no": "2", "amount": "3"},
}
ANY_FORM = [
    small({**form, "compressed": packing, "download": download})
    for form in (JSON, CSV, NUMBERED)
    for packing in (None, "gzip", "zip")
    for download in (None, "$.url", "/answer/url")
]


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text("1,'\r\n<>{}[]:\"x", max_size=60).map(str.encode))
def test_nothing_that_a_provider_sends_makes_it_raise(body: bytes) -> None:
    for content in (body, compress_file(body, "gzip", "x"), compress_file(body, "zip", "x")):
        answer = HttpResponse(200, {}, content)
        for codec in ANY_FORM:
            page = read_statement(codec, answer)
            assert not page.problem or page.rows == ()


def test_a_gzip_that_is_not_whole_or_not_alone() -> None:
    codec = small({**CSV, "compressed": "gzip"})
    packed = gzip.compress(table(HEAD).body)
    assert read_statement(codec, HttpResponse(200, {}, packed)).problem == ""
    assert "cut off" in read_statement(codec, HttpResponse(200, {}, packed[:-3])).problem
    assert "something that is no gzip follows" in read_statement(codec, HttpResponse(200, {}, packed + b"tail")).problem
    more = gzip.compress(b"\r\n1,N-1,acc_1,5,payout")
    assert len(read_statement(codec, HttpResponse(200, {}, packed + more)).rows) == 1, "members are one file (RFC 1952)"
    told = HttpResponse(200, {"content-encoding": "gzip"}, packed)
    assert read_statement(codec, told).problem == "", "it is packed once, also where the connection says so, too"


def test_a_zip_of_several_files() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("bill_sums.csv", b"x")
        archive.writestr("bill_moves.csv", f"{HEAD}\r\n1,N-1,acc_1,5,payout".encode())
        archive.writestr("folder/", b"")
    answer = HttpResponse(200, {}, packed.getvalue())
    page = read_statement(small({**CSV, "compressed": "zip", "zip_entry": "_moves.csv"}), answer)
    assert len(page.rows) == 1 and not page.problem
    for entry, words in (("", "2 files in the zip, expected one"), ("none.csv", "0 files in the zip whose names end")):
        page = read_statement(small({**CSV, "compressed": "zip", "zip_entry": entry}), answer)
        assert words in page.problem


@pytest.mark.parametrize("standard", ["mt940", "camt053"])
def test_a_bank_s_file_is_read_for_money(standard: str) -> None:
    codec = small({"request": REQUEST, "standard": standard, "window": "half_open"})
    movements = movements_of(codec)
    page = read(codec, ContractEmulation(codec), movements)
    assert page.problem == ""
    assert [(row.order_no, row.amount_minor, row.kind) for row in page.rows] == [
        (m.order_no, m.amount, m.kind) for m in movements
    ]
    assert len({row.movement_id for row in page.rows}) == 3


def test_a_number_within_a_purpose_is_found() -> None:
    codec = small(
        {**CSV, "order_no_part": "for (N-[0-9]{1,9})", "columns": {**NAMES, "direction": "Way", "currency": "Cur"}}
    )
    text = "Id,Order,Account,Amount,Kind,Way,Cur\n1,paid for N-7 today,a,5,payout,D,JPY\n2,rent,a,5,return,C,EUR\n"
    page = read_statement(codec, HttpResponse(200, {}, text.encode()))
    assert [(row.order_no, row.kind, row.currency) for row in page.rows] == [
        ("N-7", "payout", "JPY"),
        ("", "return", "EUR"),
    ]
    wrong = read_statement(codec, HttpResponse(200, {}, text.replace(",D,", ",X,").encode()))
    assert "the direction is unknown (see directions): 'X'" in wrong.problem


# Tables as banks write them: decimal commas, grouped thousands, date and time apart, rows without a name.

AT_S = 1_795_779_900  # 2026-11-27 12:45 in Berlin
STATEMENT = (
    SMALL[: SMALL.index("ledger:")]
    + """\
statement:
  request: {method: GET, path: /bill, query: {day: "${period.from:%d.%m.%Y|Europe/Berlin}"}}
  csv: {delimiter: ";", decimal: ",", thousands: "."}
  columns: {order_no: Reference, amount: Amount, at: [Day, Clock]}
  time_form: "%d.%m.%Y %H:%M|Europe/Berlin"
  money: major
states: {OPEN: RECEIVED, PAID: SUCCEEDED, BAD: FAILED}
"""
)
TABLE = """\
Day;Clock;Reference;Amount
27.11.2026;12:45;n-1;1.234,56
27.11.2026;12:45;n-1;1.234,56
27.11.2026;12:45;n-2;0,05
"""


def made(text: str) -> Codec:
    return compile_contract(Contract.model_validate(document(text).data))


def csv_answer(text: str) -> HttpResponse:
    return HttpResponse(200, {"content-type": "text/csv"}, text.encode())


def test_a_bank_s_table_is_read() -> None:
    page = read_statement(made(STATEMENT), csv_answer(TABLE))
    assert page.problem == ""
    assert [(r.order_no, r.amount_minor, r.at_s) for r in page.rows] == [
        ("n-1", 123456, AT_S), ("n-1", 123456, AT_S), ("n-2", 5, AT_S),
    ]  # fmt: skip


def test_rows_without_an_identifier_are_movements_each() -> None:
    c = made(STATEMENT)
    first, second, third = (r.movement_id for r in read_statement(c, csv_answer(TABLE)).rows)
    assert len({first, second, third}) == 3
    again = read_statement(c, csv_answer(TABLE.replace("0,05", "0,06"))).rows
    assert [r.movement_id for r in again][:2] == [first, second]


def test_an_empty_clock_is_told() -> None:
    page = read_statement(made(STATEMENT), csv_answer(TABLE.replace("12:45", "", 1)))
    assert "is missing" in page.problem


def test_an_emulator_writes_such_a_table() -> None:
    c = made(STATEMENT)
    movement = ProviderMovement(1, "main", "n-1", "p1", 123456, "payout", AT_S)
    request = HttpRequest("GET", "/bill", (), b"")
    asked = StatementRequest("main", 0, 1 << 40)
    answer = ContractEmulation(c).answer(asked, MovementsResponse((movement,), 1), request, TimestampNonce())
    assert answer.body.decode().splitlines() == ["Reference;Amount;Day;Clock", "n-1;1.234,56;27.11.2026;12:45"]
    assert [r.amount_minor for r in read_statement(c, answer).rows] == [123456]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('decimal: ","', 'decimal: "."', "the decimal mark too"),
        ("Europe/Berlin", "Europe/Atlantis", "no zone of this machine"),
        ("amount: Amount", "amount: [A, B]", "it stands in one place"),
        (", at: [Day, Clock]}\n  time_form", "}\n  time_form", "movement_id"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in STATEMENT
    with pytest.raises(FileError, match=says):
        loaded(tmp_path, STATEMENT.replace(old, new))


def test_a_file_whose_digest_is_another_one_is_not_read() -> None:
    checked = small({**CSV, "download": "$.url", "checksum": {"at": "$.sha", "algorithm": "sha256"}})
    answer = table(HEAD, "1,N-1,acc_1,5,payout")
    digest = hashlib.sha256(answer.body).hexdigest()
    assert len(read_statement(checked, answer, checksum=digest).rows) == 1
    assert "its sha256 is" in read_statement(checked, answer, checksum="00").problem


def test_a_row_without_an_identifier_is_known_by_what_it_says_of_money() -> None:
    """A running balance or a running number beside it is another one in the next reading."""
    c = made(STATEMENT)
    numbered = "\n".join(f"{line};{n}" for n, line in enumerate(TABLE.splitlines()))
    found = [[row.movement_id for row in read_statement(c, csv_answer(text)).rows] for text in (TABLE, numbered)]
    assert found[0] == found[1]
