"""Totals are stated of all movements, in the statement's units."""

from __future__ import annotations

import pytest

from ackord.contract.base.body_parsing import UnwritableBody
from ackord.contract.emulate.domain_responses import ProviderMovement
from ackord.contract.emulate.statement_totals import stated_totals, with_totals
from ackord.contract.spec.statement_checks import TotalPattern

MOVEMENTS = [ProviderMovement(n, "main", "n", "p", 100 * n, kind) for n, kind in ((1, "payout"), (3, "return"))]


def test_totals_add_up() -> None:
    totals = stated_totals(["rows", "rows_out", "amount", "amount_in", "net", "closing"], MOVEMENTS, lambda n: f"{n}c")
    assert totals == {
        "rows": "2", "rows_out": "1", "amount": "400c", "amount_in": "300c", "net": "200c", "closing": "200c",
    }  # fmt: skip


def test_a_table_ends_with_their_names_and_values() -> None:
    assert with_totals(b"a\r\n", {"rows": "2"}, {"rows": "Rows"}, ";", "utf-8") == b"a\r\nRows\r\n2\r\n"
    utf_16 = with_totals("a\r\n".encode("utf-16"), {"rows": "2"}, {"rows": "Rows"}, ";", "utf-16")
    assert utf_16.decode("utf-16") == "a\r\nRows\r\n2\r\n"
    with pytest.raises(UnwritableBody, match="name its cell instead"):
        with_totals(b"", {"rows": "2"}, {"rows": TotalPattern(regex="a")}, ";", "utf-8")
