"""One's own run of a certificate's level: its contract, other seeds, and both side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ackord.certificate.again import compared, plan_again
from ackord.certificate.bundle import read_evidence
from ackord.core.verdict import Result
from ackord.run.options.run_options import RunOptions

from .forger import statement_of


def test_what_can_be_run_is_planned_and_the_rest_is_told(bundle: Path, tmp_path: Path) -> None:
    plan = plan_again(bundle, "A2", RunOptions(target="http://127.0.0.1:9", out=tmp_path / "again"))
    assert [p.name for p in plan.profiles] == [
        "none", "concurrent-copies", "duplicates", "latency", "lost-answers", "overtake",
        "cancel-race", "refunds",
    ]  # fmt: skip
    assert ("replica-lag", "no seam for replication") in [(p.profile, p.reason) for p in plan.left_out]
    assert plan.contract.path.name == "reference.yaml", "a copy of a shipped contract is that contract"
    assert plan.seed != 3


def test_a_contract_of_the_vendor_s_is_taken_from_the_bundle(bundle: Path, tmp_path: Path) -> None:
    copy = bundle / "evidence/run-contract.yaml"
    copy.write_text(copy.read_text() + "# the vendor's\n")
    plan = plan_again(bundle, "A0", RunOptions(target="http://127.0.0.1:9", out=tmp_path / "again"))
    assert plan.contract.path == copy


def test_both_stand_side_by_side(bundle: Path) -> None:
    statement, campaign = statement_of(bundle), read_evidence(bundle)
    assessment, rows = compared(statement, campaign)
    assert assessment.granted
    assert all(row.agrees for row in rows)
    first = next(row for row in rows if row.guarantee == "acknowledged-order-visible")
    assert (first.strength, first.signed, first.own) == ("MUST", "HELD (12)", "HELD (12)")

    (p,) = campaign.profiles
    broken = tuple(replace(g, result=Result.VIOLATED, exposures=4) for g in p.verdict.guarantees)
    worse = replace(campaign, profiles=(replace(p, verdict=replace(p.verdict, guarantees=broken)),))
    assessment, rows = compared(statement, worse)
    assert not assessment.granted
    assert next(row for row in rows if row.guarantee == first.guarantee).own == "VIOLATED (4)"
    assert not any(row.agrees for row in rows)
