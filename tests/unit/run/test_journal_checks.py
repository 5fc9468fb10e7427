"""A journal's contract is the copy beside it, or the shipped one that its run had; another one is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ackord.contract.loading.loader import load_contract
from ackord.core.operation import Vantage
from ackord.core.run_header import RunHeader
from ackord.errors import FileError
from ackord.run.evidence import contract_digest, keep_contract
from ackord.run.journal_checks import check_contract, contract_beside, edited, unchecked
from ackord.run.reread import Reread

REFERENCE = load_contract("reference")
HEADER = RunHeader(
    REFERENCE.contract.provider, "none", "provider", Vantage.PROVIDER, 1, REFERENCE.codec.promises,
    contract_sha256=contract_digest(REFERENCE),
)  # fmt: skip


def test_the_copy_beside_a_journal_is_its_contract(tmp_path: Path) -> None:
    keep_contract(REFERENCE, tmp_path)
    found = contract_beside(tmp_path / "none" / "journal.jsonl", HEADER)
    assert found is not None and found.path.parent == tmp_path


def test_without_a_copy_nothing_or_the_shipped_one_is(tmp_path: Path) -> None:
    path = tmp_path / "none" / "journal.jsonl"
    assert contract_beside(path, replace(HEADER, contract="elsewhere")) is None
    named = replace(HEADER, contract="reference")
    found = contract_beside(path, named)
    assert found is not None and found.path == REFERENCE.path
    assert contract_beside(path, replace(named, contract_sha256="0")) is None


def test_another_contract_is_refused() -> None:
    path = Path("journal.jsonl")
    check_contract(path, HEADER, REFERENCE)
    with pytest.raises(FileError, match=r"not the contract of journal\.jsonl"):
        check_contract(path, replace(HEADER, contract_sha256="0"), REFERENCE)
    with pytest.raises(FileError, match="promises otherwise"):
        check_contract(path, replace(HEADER, promises=replace(HEADER.promises, has_ledger=False)), REFERENCE)


def test_what_was_not_read_again_is_said_and_what_contradicts_is_an_error() -> None:
    path = Path("run/journal.jsonl")
    assert list(unchecked(path, Reread(3, {}, None))) == []
    assert list(unchecked(path, Reread(3, {"so": 2}, None))) == ["2 of 5 raw answers were not read again: so"]
    assert "its contract is not here" in next(unchecked(path, None))
    with pytest.raises(FileError, match="operation 4") as error:
        list(unchecked(path, Reread(3, {}, (7, "operation 4: it differs"))))
    assert error.value.line == edited(path, 7, "").line == 9
