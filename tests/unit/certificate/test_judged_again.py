"""Evidence that is judged again is compared part by part; the ways to lie are in test_verification.py."""

from __future__ import annotations

from pathlib import Path

from ackord.certificate.bundle import ENVELOPES, bundle_files
from ackord.certificate.envelope import open_envelopes
from ackord.certificate.judged_again import judge_again
from ackord.certificate.statement import CertificateClaim
from ackord.core.verdict import Result


def test_what_is_right_differs_in_nothing(bundle: Path) -> None:
    first, second = (o.statement for o in open_envelopes((bundle / ENVELOPES).read_bytes()))
    again = judge_again(bundle, (first, second), CertificateClaim.read(first), bundle_files(bundle))
    assert (again.findings, again.differences) == ((), ())
    assert again.campaign is not None
    assert again.campaign.profiles[0].verdict.of("acknowledged-order-visible").result is Result.HELD


def test_evidence_that_cannot_be_judged_is_one_finding(bundle: Path) -> None:
    first, second = (o.statement for o in open_envelopes((bundle / ENVELOPES).read_bytes()))
    (bundle / "evidence/run-contract.yaml").write_text("provider: [\n")
    again = judge_again(bundle, (first, second), CertificateClaim.read(first), bundle_files(bundle))
    assert len(again.findings) == 1
    assert again.findings[0].sentence.startswith("the evidence cannot be judged: ")
    assert again.campaign is None
