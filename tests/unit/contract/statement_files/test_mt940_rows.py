"""MT940 is read message by message, and its balances must fit."""

from __future__ import annotations

import io

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.statement_files.mt940_rows import Mt940Rows

FIRST = ":20:A\r\n:25:1\r\n:28C:1/1\r\n:60F:C261127EUR10,\r\n:61:2611281128D2,5NTRFN-1//B1\r\n:86:x\r\n:62M:C261128EUR7,5\r\n-\r\n"
SECOND = (
    ":20:A\r\n:25:1\r\n:28C:1/2\r\n:60M:C261128EUR7,5\r\n:61:2611281128C1,NTRFNONREF//B2\r\n:62F:C261128EUR8,5\r\n-\r\n"
)


def read(text: str) -> list[tuple[int, str, str, str, str]]:
    rows = Mt940Rows(io.BytesIO(text.encode()), "cp1252")
    found = [(r.line, r.cells["end_to_end"], r.cells["direction"], r.cells["amount"], r.raw) for r in rows]
    assert rows.around() == []
    return found


def test_messages_go_on_from_one_another() -> None:
    assert read(FIRST + SECOND) == [
        (5, "N-1", "D", "2.5", ":61:2611281128D2,5NTRFN-1//B1\n:86:x"),
        (13, "", "C", "1", ":61:2611281128C1,NTRFNONREF//B2"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            FIRST + SECOND.replace("EUR7,5", "EUR7,4"),
            "line 9: the opening balance is 7.4, and the message before ended with",
        ),
        (FIRST.replace("D2,5", "D2,4"), "the bookings lead to 7.6, and the closing balance is 7.5"),
        (FIRST[: FIRST.index(":62M")], "line 1: the message has no closing balance: it is cut off"),
        (FIRST.replace(":60F:C261127EUR10,\r\n", ""), "line 1: "),
        ("hello\n", "line 1: "),
    ],
)
def test_what_does_not_fit_is_told(text: str, says: str) -> None:
    with pytest.raises(UnreadableBody, match=says):
        read(text)
