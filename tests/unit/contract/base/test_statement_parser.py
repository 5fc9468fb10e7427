"""Statements that a parser of another package reads: there and back, and what it may do wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from ackord.contract.base import statement_parser
from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.field_types import StrictModel
from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.base.statement_parser import StatementFormat, StatementParser
from ackord.contract.codec.codec import LedgerRow
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.core.registry import Registry
from ackord.errors import UsageError
from tests.statement_reading import read_statement

from ..stating import NAMES, PERIOD, REQUEST, expected, movements_of, problem_with, read, small


class Width(StrictModel):
    width: int = 12


COLUMNS = list(NAMES.values())


def records(settings: Width) -> StatementFormat:
    """Columns of one width, one record after another without line ends."""
    width, length = settings.width, settings.width * len(COLUMNS)

    def rows(content: bytes) -> Any:
        for start in range(0, len(content), length):
            record = content[start : start + length].decode()
            if len(record) != length:
                raise UnreadableBody(f"the record at {start} is cut off")
            yield {name: record[i * width : (i + 1) * width].strip() for i, name in enumerate(COLUMNS)}

    def write(rows: Any) -> bytes:
        return "".join(row[name].ljust(width) for row in rows for name in COLUMNS).encode()

    return StatementFormat(rows, write, "application/x-records")


Bring = Callable[[Callable[[Any], Any]], None]


@pytest.fixture
def bring(monkeypatch: pytest.MonkeyPatch) -> Bring:
    """Registers a parser called ``records`` as an installed package does."""

    def install(make: Callable[[Any], Any]) -> None:
        parser = StatementParser("records", "Records.", Width, make)
        registry: Registry[StatementParser] = Registry("statement parser")
        point = type("Point", (EntryPoint,), {"load": lambda self: parser})
        points = [point("records", "acme:RECORDS", statement_parser.ENTRY_POINT_GROUP)]
        monkeypatch.setattr(statement_parser, "PARSERS", registry)
        monkeypatch.setattr("ackord.core.registry.entry_points", lambda group: points)

    return install


def hooked(**more: Any) -> dict[str, Any]:
    return {"request": REQUEST, "hook": {"name": "records"}, "columns": NAMES, "window": "half_open", **more}


@pytest.mark.parametrize("packing", [None, "gzip", "zip"])
@pytest.mark.parametrize("download", [None, "$.url"])
def test_what_an_emulator_states_by_it_is_read_back(bring: Bring, packing: str | None, download: str | None) -> None:
    bring(records)
    c = small(hooked(compressed=packing, download=download))
    movements = movements_of(c)
    page = read(c, ContractEmulation(c), movements)
    assert not page.problem
    assert list(page.rows) == expected(movements, "payout", "return")


def test_what_is_asked_for_is_the_parser_s_type(bring: Bring) -> None:
    bring(records)
    assert ("accept", "application/x-records") in small(hooked()).statement_page(PERIOD).headers


ROW = {"Id": 1, "Order": "N-1", "Account": "acc_1", "Amount": 1999, "Kind": "payout", "Another": object()}


def stated(make: Callable[[bytes], Any], bring: Bring, **more: Any) -> Any:
    bring(lambda settings: StatementFormat(make))
    return read_statement(small(hooked(**more)), HttpResponse(200, {}, b"x"))


@pytest.mark.parametrize(
    ("amount", "money"), [(1999, "minor"), ("1999", "minor"), (19.99, "major"), ("19.99", "major")]
)
def test_cells_are_texts_or_numbers(bring: Bring, amount: Any, money: str) -> None:
    page = stated(lambda content: ({**ROW, "Amount": amount} for _ in range(1)), bring, money=money)
    assert page.rows == (LedgerRow("1", "N-1", "main", 1999, "payout"),) and not page.problem


def failing(error: Exception) -> Callable[[bytes], Any]:
    def rows(content: bytes) -> Any:
        yield ROW
        raise error

    return rows


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (failing(ValueError("line 7")), "records cannot read it: ValueError: line 7"),
        (failing(UnreadableBody("it ends early")), "records cannot read it: it ends early"),
        (failing(RecursionError()), "records cannot read it: RecursionError"),
        (lambda content: 1 / 0, "ZeroDivisionError"),
        (lambda content: None, "TypeError"),
        (lambda content: 7, "TypeError"),
        (lambda content: ROW, "a row is str, expected a mapping"),
        (lambda content: [None], "a row is NoneType"),
        (lambda content: [list(ROW.items())], "a row is list"),
        (lambda content: [{**ROW, "Order": b"N-1"}], "the column Order holds bytes"),
        (lambda content: [{**ROW, "Amount": float("inf")}], "the column Amount holds float"),
        (lambda content: [{**ROW, "Id": 1 << 5000}], "the column Id holds int"),
        (lambda content: [{"Id": "1"}], "a row has no column called Order"),
        (lambda content: [{**ROW, "Amount": "a lot"}], "amount"),
        (lambda content: [{**ROW, "Kind": "gift"}], "the kind is unknown (see kinds): 'gift'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_makes_the_statement_unreadable(
    bring: Bring, rows: Callable[[bytes], Any], says: str
) -> None:
    page = stated(rows, bring)
    assert page.rows == () and page.problem.startswith("the statement cannot be read: ") and says in page.problem


def test_rows_without_end_are_not_waited_for(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_parser, "MAX_ROWS", 1000)
    assert "records reads more than 1,000 rows" in stated(lambda content: itertools.repeat(ROW), bring).problem
    assert not stated(lambda content: itertools.repeat(ROW, 1000), bring).problem


@pytest.mark.parametrize(
    ("make", "path", "says"),
    [
        (lambda settings: 1 / 0, ("settings",), "the statement parser records cannot be made"),
        (lambda settings: records, ("name",), "did not make StatementFormat"),
        (lambda settings: StatementFormat(print, content_type=""), ("name",), "cannot stand in a header"),
    ],
)
def test_what_cannot_be_made_is_a_mistake_of_the_contract(
    bring: Bring, make: Callable[[Any], Any], path: tuple[str, ...], says: str
) -> None:
    bring(make)
    with pytest.raises(ContractError, match=says) as failure:
        small(hooked())
    assert failure.value.path == ("statement", "hook", *path)


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (None, "what records reads, nobody writes"),
        (lambda rows: 1 / 0, "records cannot write it: ZeroDivisionError"),
        (lambda rows: "x", "records wrote str, expected bytes"),
    ],
)
def test_one_that_does_not_write_is_read_and_not_emulated(bring: Bring, write: Any, says: str) -> None:
    bring(lambda settings: records(settings)._replace(write=write))
    with pytest.raises(UsageError, match=f"small cannot be emulated: its statement cannot be written: {says}"):
        ContractEmulation(small(hooked()))


def test_a_statement_has_one_form() -> None:
    assert "a statement has one form" in problem_with(hooked(csv={}))
    assert "a statement has one form" in problem_with({**hooked(), "hook": None})
    assert "a file has no pages" in problem_with(hooked(next_row="$.id"))
