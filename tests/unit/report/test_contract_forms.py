"""What is unusual about a contract's messages is told, each with its place; nothing is told of a usual one."""

from __future__ import annotations

from pathlib import Path

from ackord.report.contract_forms import unusual_forms

from ..contract.support import SMALL, loaded


def test_a_usual_contract_has_nothing_to_tell(tmp_path: Path) -> None:
    assert list(unusual_forms(loaded(tmp_path, SMALL))) == []


def test_amounts(tmp_path: Path) -> None:
    text = SMALL + "amounts: {minor_units: text, exponents: {CLP: 2}}\n"
    told = dict(unusual_forms(loaded(tmp_path, text)))
    assert told["Minor units of an amount are text."] == ("amounts", "minor_units")
    assert told["Amounts of CLP have 2 decimal places; ISO 4217 has 0."] == ("amounts", "exponents", "CLP")
