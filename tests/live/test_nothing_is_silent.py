"""A provider at an address: what was not looked at is said in every report, and what is required must have been."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ackord import cli

from .small_payouts import SmallPayouts, contract_at

PROFILE = """
name: tiny
incident: A handful of orders.
phases: {steady: {orders: 12, concurrency: 6}}
workload: {plain: 1, resubmit: 1}
exposes: [acknowledged-order-visible, resubmission-moves-money-once]
machine: false
"""
LEDGER = """ledger:
  request: {method: GET, path: /movements, query: {after: "${cursor}"}}
  rows: $.data
  next: $.next
  extract: {movement_id: $.id, order_no: $.reference, amount_minor: $.amount}
"""


@pytest.fixture
def certify(tmp_path, monkeypatch, capsys):  # type: ignore[no-untyped-def]
    """Certify a small provider under a tiny profile; return the exit code, and what was printed."""
    (tmp_path / "tiny.yaml").write_text(PROFILE)
    monkeypatch.setattr("signal.signal", lambda *a: None)

    def run(provider: SmallPayouts, *words: str, changes: tuple[tuple[str, str], ...] = ()) -> tuple[int, str]:
        contract = contract_at(tmp_path, *changes)
        command = [
            "ackord",
            "certify",
            contract,
            "--target",
            provider.url,
            "--seed",
            "1",
            "--out",
            str(tmp_path / "out"),
        ]
        if "--profile" not in words:
            command += ["--profile", str(tmp_path / "tiny.yaml")]
        monkeypatch.setattr("sys.argv", [*command, *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((said.out + said.err).split())

    return run


def test_a_required_profile_that_cannot_run_makes_the_run_inconclusive(certify, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with SmallPayouts() as provider:
        code, said = certify(provider, "--require", "replica-lag", "--require", "acknowledged-order-visible")
    assert code == 3
    assert "replica-lag is required, and was not judged" in said
    data = json.loads((tmp_path / "out" / "result.json").read_text())
    assert (data["result"], data["doubts"]) == ("INCONCLUSIVE", ["replica-lag is required, and was not judged"])
    root = ET.parse(tmp_path / "out" / "junit.xml").getroot()
    assert root.get("errors") == "1"


def test_what_is_required_and_was_judged_is_a_pass(certify) -> None:  # type: ignore[no-untyped-def]
    with SmallPayouts() as provider:
        code, said = certify(
            provider, "--require", "acknowledged-order-visible", "--require", "none", "--profile", "none"
        )
    assert (code, "is required" in said) == (0, False), said


def test_without_a_ledger_the_last_line_says_that_money_was_not_judged(certify) -> None:  # type: ignore[no-untyped-def]
    with SmallPayouts() as provider:
        code, said = certify(provider, changes=((LEDGER, ""),))
        required, _ = certify(provider, "--require", "resubmission-moves-money-once", changes=((LEDGER, ""),))
    assert code == 0
    assert "Whether money moved once, and for the right orders, is not known" in said
    assert said.endswith("movements of money could not be judged. Exit code 0.")
    assert required == 3
