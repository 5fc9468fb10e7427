"""Rows are read exactly: amounts, directions, kinds, fees, times; what is wrong is told with its value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.spec.statement import CsvFormat
from ackord.statements.line_reader import AmountCells, LineReader

from .support import loaded

BASE = """\
request: {method: GET, path: /bill, query: {day: "${period.from:%Y-%m-%d}"}}
csv: {}
time_form: "%Y-%m-%d"
"""
ROW = {"Nr": "N-1", "Amount": "5", "At": "2026-11-28"}


def reader(folder: Path, columns: str = "", more: str = "") -> LineReader:
    named = columns and f", {columns}"
    contract = loaded(folder, BASE + f"columns: {{order_no: Nr, amount: Amount, at: At{named}}}\n{more}").contract
    assert contract.statement is not None
    return LineReader(contract.statement, contract)


def read(found: LineReader, **cells: Any) -> tuple[str, str, int, str, int | None]:
    row = found.read({**ROW, **cells}, 2, "raw")
    return row.kind, row.direction, row.amount_minor, row.currency, row.fee_minor


def test_an_amount_alone_is_a_payout(tmp_path: Path) -> None:
    assert read(reader(tmp_path)) == ("payout", "out", 5, "EUR", None)


def test_sign_direction_and_kind_tell_where_money_went(tmp_path: Path) -> None:
    signed = reader(tmp_path, more="sign: negative_out\n")
    assert read(signed, Amount="-5")[:3] == ("payout", "out", 5)
    assert read(signed, Amount="5")[:3] == ("return", "in", 5)
    told = reader(tmp_path, "direction: Way")
    assert read(told, Way="CRDT")[:3] == ("return", "in", 5)
    kinds = reader(tmp_path, "kind: Kind, direction: Way", "kinds: {Pay: payout, Fee: neither}\n")
    assert read(kinds, Kind="Pay", Way="D")[:2] == ("payout", "out")
    assert read(kinds, Kind="Fee", Way="D")[:2] == ("Fee", "out")
    back = reader(tmp_path, "amount_back: Back")
    assert read(back, Amount="", Back="7")[:3] == ("return", "in", 7)


def test_fee_and_currency(tmp_path: Path) -> None:
    found = reader(tmp_path, "currency: Cur, fee: Fee", "money: major\nfee_sign: negative_out\n")
    assert read(found, Amount="5", Cur="jpy", Fee="-2")[2:] == (5, "JPY", 2)
    assert read(found, Amount="5", Cur="KWD", Fee="")[2:] == (5000, "KWD", None)


@pytest.mark.parametrize(
    ("columns", "more", "cells", "says"),
    [
        ("", "", {"Amount": "-5"}, "line 2: the amount is negative, where none may be: '-5'"),
        ("", "", {"Amount": ""}, "line 2: the line has no amount"),
        ("", "", {"Amount": "=1+1"}, "line 2: the amount is a formula: '=1\\+1'"),
        ("", "", {"Nr": "@SUM(A1)"}, "line 2: the order number is a formula"),
        ("", "", {"At": "28.11.2026"}, "line 2: the time cannot be read: 28.11.2026"),
        ("", "money: major\n", {"Amount": "5.001"}, "line 2: the amount is no amount of EUR: '5.001'"),
        ("direction: Way", "", {"Way": "up"}, "the direction is unknown .see directions.: 'up'"),
        (
            "direction: Way",
            "sign: negative_out\n",
            {"Way": "C", "Amount": "-5"},
            "sign says 'out', and the direction 'in'",
        ),
        (
            "kind: Kind",
            "sign: negative_out\n",
            {"Kind": "return", "Amount": "-5"},
            "a return by its kind and a payout by",
        ),
        ("kind: Kind", "", {"Kind": "gift"}, "the kind is unknown .see kinds.: 'gift'"),
        ("amount_back: Back", "", {"Back": "5"}, "the line has two amounts"),
        ("currency: Cur", "", {"Cur": "Euro"}, "expected an ISO 4217 code"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, columns: str, more: str, cells: dict[str, str], says: str) -> None:
    with pytest.raises(UnreadableBody, match=says):
        read(reader(tmp_path, columns, more), **cells)


def test_a_line_of_another_account_is_told(tmp_path: Path) -> None:
    found = reader(tmp_path, "account: Acc")
    assert found.read({**ROW, "Acc": "acc_1"}, 2, "", {"main", "acc_1"}).order_no == "N-1"
    with pytest.raises(UnreadableBody, match="of another account: 'acc_9'"):
        found.read({**ROW, "Acc": "acc_9"}, 2, "", {"main", "acc_1"})


FORMS = [CsvFormat(), CsvFormat(decimal=",", thousands="."), CsvFormat(thousands="'"), CsvFormat(thousands=" ")]


@given(
    form=st.sampled_from(FORMS),
    text=st.text("0123456789.,' -+x", max_size=14) | st.decimals(-(10**9), 10**9, places=2).map(str),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_the_quick_way_reads_as_the_other_one(form: CsvFormat, text: str, currency: str) -> None:
    quick, slow = _cells(form), _cells(form)
    slow._usual = None

    def outcome(cells: AmountCells) -> object:
        try:
            return cells.read(text, currency, "it")
        except UnreadableBody as why:
            return str(why)

    assert outcome(quick) == outcome(slow)


def _cells(form: CsvFormat) -> AmountCells:
    from types import SimpleNamespace

    from ackord.contract.base.amounts import ISO_UNITS

    statement: Any = SimpleNamespace(csv=form, money="major", rows=None)
    contract: Any = SimpleNamespace(amounts=SimpleNamespace(units=lambda: ISO_UNITS))
    return AmountCells(statement, contract)
