"""Policies, baselines and campaigns in few words, for the tests of gates."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import yaml

from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.gate.baseline import Baseline, read_baseline
from ackord.gate.evaluation import evaluate
from ackord.gate.policy import LoadedPolicy, read_policy
from ackord.gate.verdict import GateVerdict, ItemKind
from ackord.report.fingerprint import fingerprint
from tests.unit.report.build import ONCE, VISIBLE, campaign, judged, profile

TODAY = datetime.date(2027, 3, 15)
REGRESSES = "status-never-regresses"


def violated(guarantee: str = VISIBLE, name: str = "replica-lag", result: Result = Result.VIOLATED) -> CampaignResult:
    """A campaign in which one guarantee is broken under one profile, and another one holds."""
    other = ONCE if guarantee != ONCE else VISIBLE
    return campaign(profile(name, judged(guarantee, result), judged(other)), profile("none", judged(guarantee)))


def held() -> CampaignResult:
    return campaign(*(profile(name, judged(VISIBLE), judged(ONCE)) for name in ("replica-lag", "none")))


def waiver(guarantee: str = VISIBLE, name: str = "replica-lag", **more: Any) -> dict[str, Any]:
    values = {
        "id": fingerprint("reference", guarantee, name),
        "guarantee": guarantee,
        "profile": name,
        "result": "VIOLATED",
        "owner": "payments",
        "reason": "PAY-1",
        "expires": "2027-03-31",
    }
    return values | more


def baseline_file(folder: Path, *waivers: dict[str, Any], contract: str = "reference") -> Path:
    path = folder / "baseline.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "contract": contract, "findings": list(waivers)}, sort_keys=False))
    return path


def baseline(folder: Path, *waivers: dict[str, Any]) -> Baseline:
    return read_baseline(baseline_file(folder, *waivers))


def policy(folder: Path, text: str) -> LoadedPolicy:
    path = folder / "gate.yaml"
    path.write_text(text)
    return read_policy(path)


def gate(
    result: CampaignResult, loaded: LoadedPolicy | None = None, known: Baseline | None = None, today: str = ""
) -> GateVerdict:
    day = datetime.date.fromisoformat(today) if today else TODAY
    return evaluate(result, loaded or read_policy(None), known or Baseline(""), day)


def kinds(verdict: GateVerdict) -> list[ItemKind]:
    return [item.kind for item in verdict.items]
