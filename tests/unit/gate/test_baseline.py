"""A baseline knows findings by an identity that no seed and no order changes, and waives what a contract could allow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ackord.core.verdict import Result
from ackord.errors import FileError
from ackord.gate.baseline import read_baseline, waivable, write_baseline
from ackord.guarantees import GUARANTEES
from ackord.report.gitlab import to_json
from tests.unit.report.build import ONCE, VISIBLE

from .build import baseline, baseline_file, violated, waiver


def test_the_identity_is_that_of_gitlab_s_report(tmp_path: Path) -> None:
    (known,) = baseline(tmp_path, waiver()).waivers
    assert known.id == to_json(violated())[0]["fingerprint"]


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    before = baseline(tmp_path, waiver(reason="a reason: with 'quotes' and ü"), waiver(name="none", result="UNSAFE"))
    write_baseline(tmp_path / "again.yaml", before)
    after = read_baseline(tmp_path / "again.yaml")
    assert (after.contract, after.waivers) == (before.contract, before.waivers)
    assert after.place(after.waivers[1]) == f"{tmp_path}/again.yaml:13"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (waiver(id="0" * 64), "this is not the identity of acknowledged-order-visible under replica-lag"),
        (waiver(guarantee="visible"), 'no guarantee is called "visible"'),
        (waiver(result="HELD"), "'VIOLATED' or 'UNSAFE'"),
        (waiver(owner="-"), "words that tell a reader something"),
        (waiver(expires="soon"), "a day of the calendar"),
        (waiver(ONCE), "resubmission-moves-money-once cannot be waived: money moved twice"),
        (waiver("merchant-pays-once"), "merchant-pays-once cannot be waived"),
    ],
)
def test_a_wrong_entry_is_told_with_its_line(tmp_path: Path, entry: dict[str, Any], says: str) -> None:
    with pytest.raises(FileError, match=r"baseline\.yaml:\d+: ") as error:
        baseline(tmp_path, waiver(name="none"), entry)
    assert says in str(error.value)


def test_a_finding_is_known_once(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="known already, in line 4"):
        baseline(tmp_path, waiver(), waiver(owner="others"))


def test_what_a_contract_declares_may_be_known_as_unsafe(tmp_path: Path) -> None:
    assert baseline(tmp_path, waiver(ONCE, result="UNSAFE")).waivers[0].accepted is Result.UNSAFE


BACK = ("refund-moves-money-once", "refund-not-over-amount")


def test_no_contract_can_waive_what_its_clause_says() -> None:
    said = {g.id for g in GUARANTEES if "No contract can waive this" in g.clause}
    assert said == {g.id for g in GUARANTEES if not g.waivable} == {ONCE, *BACK}
    assert not waivable(ONCE, Result.VIOLATED)
    assert waivable(VISIBLE, Result.VIOLATED)
    assert waivable("of-another-package", Result.VIOLATED)


def test_a_file_of_another_form_is_told(tmp_path: Path) -> None:
    path = baseline_file(tmp_path)
    path.write_text(path.read_text().replace("version: 1", "version: 2"))
    with pytest.raises(FileError, match=r"baseline\.yaml:1: "):
        read_baseline(path)
