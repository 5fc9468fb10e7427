"""Tables as banks write them: decimal commas, grouped thousands, date and time apart, named zones, rows without a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, compile_contract
from ackord.contract.codec.csv_tables import plain_amount, written_amount
from ackord.contract.emulate.domain_requests import StatementRequest
from ackord.contract.emulate.domain_responses import MovementsResponse, ProviderMovement
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.spec.model import Contract
from ackord.contract.spec.statement import CsvFormat
from ackord.errors import FileError

from ..support import SMALL, document, loaded

COMMA = CsvFormat(decimal=",", thousands=".")
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


@pytest.mark.parametrize(
    ("text", "plain"),
    [("1.234,56", "1234.56"), ("-12.345.678,00", "-12345678.00"), ("7", "7"), ("0,5", "0.5"), ("999", "999")],
)
def test_an_amount_with_marks(text: str, plain: str) -> None:
    assert plain_amount(text, COMMA, "it") == plain
    assert written_amount(plain, COMMA) == text
    assert plain_amount(plain, CsvFormat(), "it") == plain


@pytest.mark.parametrize("text", ["1,234.56", "12.34,5", "1.2345,00", "1,2,3", "x", ".500"])
def test_another_way_of_writing_is_no_amount(text: str) -> None:
    with pytest.raises(UnreadableBody, match="not written as the contract says"):
        plain_amount(text, COMMA, "it")


def test_a_bank_s_table_is_read() -> None:
    page = made(STATEMENT).read_statement(csv_answer(TABLE), "main")
    assert page.problem == ""
    assert [(r.order_no, r.amount_minor, r.at_s) for r in page.rows] == [
        ("n-1", 123456, AT_S), ("n-1", 123456, AT_S), ("n-2", 5, AT_S),
    ]  # fmt: skip


def test_rows_without_an_identifier_are_movements_each() -> None:
    c = made(STATEMENT)
    first, second, third = (r.movement_id for r in c.read_statement(csv_answer(TABLE), "main").rows)
    assert len({first, second, third}) == 3
    again = c.read_statement(csv_answer(TABLE.replace("0,05", "0,06")), "main").rows
    assert [r.movement_id for r in again][:2] == [first, second]


def test_an_empty_clock_is_told() -> None:
    page = made(STATEMENT).read_statement(csv_answer(TABLE.replace("12:45", "", 1)), "main")
    assert "is missing" in page.problem


def test_an_emulator_writes_such_a_table() -> None:
    c = made(STATEMENT)
    movement = ProviderMovement(1, "main", "n-1", "p1", 123456, "payout", AT_S)
    request = HttpRequest("GET", "/bill", (), b"")
    asked = StatementRequest("main", 0, 1 << 40)
    answer = ContractEmulation(c).answer(asked, MovementsResponse((movement,), 1), request, TimestampNonce())
    assert answer.body.decode().splitlines() == ["Reference;Amount;Day;Clock", "n-1;1.234,56;27.11.2026;12:45"]
    assert [r.amount_minor for r in c.read_statement(answer, "main").rows] == [123456]


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
