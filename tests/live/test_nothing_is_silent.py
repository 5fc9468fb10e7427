"""A provider at an address: what was not looked at is said in every report, and what is required must have been."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from .small_payouts import LEDGER, Certify, SmallPayouts


def test_a_required_profile_that_cannot_run_makes_the_run_inconclusive(certify: Certify, tmp_path: Path) -> None:
    with SmallPayouts() as provider:
        code, said = certify(provider, "--require", "replica-lag", "--require", "acknowledged-order-visible")
    assert code == 3
    assert "replica-lag is required, and was not judged" in said
    data = json.loads((tmp_path / "out" / "result.json").read_text())
    assert (data["result"], data["doubts"]) == ("INCONCLUSIVE", ["replica-lag is required, and was not judged"])
    root = ET.parse(tmp_path / "out" / "junit.xml").getroot()
    assert root.get("errors") == "1"


def test_what_is_required_and_was_judged_is_a_pass(certify: Certify) -> None:
    with SmallPayouts() as provider:
        code, said = certify(
            provider, "--require", "acknowledged-order-visible", "--require", "none", "--profile", "none"
        )
    assert (code, "is required" in said) == (0, False), said


def test_without_a_ledger_the_last_line_says_that_money_was_not_judged(certify: Certify) -> None:
    with SmallPayouts() as provider:
        code, said = certify(provider, changes=((LEDGER, ""),))
        required, _ = certify(provider, "--require", "resubmission-moves-money-once", changes=((LEDGER, ""),))
    assert code == 0
    assert "Whether money moved once, and for the right orders, is not known" in said
    assert said.endswith("movements of money could not be judged. Exit code 0.")
    assert required == 3
