"""Merchants that know nothing of Ackord but an address, in four languages: the naive one pays twice, the right one once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.drill.drill import Drill, drill_plan
from ackord.drill.merchant import REPORT_PATTERN
from ackord.drill.settings import DrillSettings
from ackord.run.options.run_options import RunOptions
from ackord.run.session import Session

from ..benchmarks.drill_right import CASES, alarms, drills
from ..tiers import gate

MERCHANTS = Path(__file__).parent / "merchants"
PROFILES = ["stale-reads", "answers-lost-or-late"]
LISTS = "stale-list"
LANGUAGES = ["python", "node", "java", "go"]
ORDERS = 6


def program(name: str) -> str:
    """Where a language's program is. Without it a test fails under ``CI=true`` and is skipped elsewhere."""
    found = shutil.which(name) or shutil.which(name, path="/usr/local/go/bin")
    if found is None:
        missing = f"{name} is not here; the scripts in .ci/ install it"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest.fixture(scope="module")
def go_merchant(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("go") / "merchant"
    command = [program("go"), "build", "-o", str(path), str(MERCHANTS / "merchant.go")]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return str(path)


@pytest.fixture(params=gate(LANGUAGES, ["python", "node"]), scope="module")
def merchant(request: pytest.FixtureRequest) -> list[str]:
    """The command of a merchant, without its mode."""
    language: str = request.param
    if language == "python":
        return [sys.executable, str(MERCHANTS / "merchant.py")]
    if language == "node":
        return [program("node"), str(MERCHANTS / "merchant.mjs")]
    if language == "java":
        return [program("java"), "-XX:TieredStopAtLevel=1", str(MERCHANTS / "Merchant.java")]
    built: str = request.getfixturevalue("go_merchant")
    return [built]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One reference provider, which each drill finds empty."""
    options = RunOptions(profiles=[*PROFILES, LISTS], seed=1, out=tmp_path_factory.mktemp("out"))
    with Session(drill_plan(options, settings([sys.executable]))) as session:
        yield session


def settings(command: list[str]) -> DrillSettings:
    return DrillSettings(command=command, report_pattern=REPORT_PATTERN)


def drill(session: Session, merchant: list[str], mode: str, profile: str) -> ProfileResult:
    chosen = next(p for p in session.plan.profiles if p.name == profile)
    return Drill(session, settings([*merchant, mode, str(ORDERS)]), echo=False).run(chosen)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_naive_pays_twice(session: Session, merchant: list[str], profile: str) -> None:
    result = drill(session, merchant, "naive", profile)
    verdict = result.verdict.of("merchant-pays-once")
    assert verdict.result is Result.VIOLATED, result.verdict
    assert "the merchant paid for one thing again under this number" in verdict.findings[0].summary
    assert result.verdict.of("merchant-never-fails-unsettled").result is Result.VIOLATED


@pytest.mark.parametrize("profile", PROFILES)
def test_the_right_pays_once(session: Session, merchant: list[str], profile: str) -> None:
    result = drill(session, merchant, "right", profile)
    held = {g.guarantee: g.result for g in result.verdict.guarantees}
    assert held.pop("merchant-verifies") is Result.NOT_APPLICABLE
    assert set(held.values()) == {Result.HELD}, result.verdict
    assert result.verdict.of("merchant-pays-once").exposures >= 1


def test_what_is_missing_in_an_old_list_is_paid_again(session: Session) -> None:
    shop = [sys.executable, str(MERCHANTS / "merchant.py")]
    naive = drill(session, shop, "naive-list", LISTS).verdict.of("merchant-pays-once")
    assert naive.result is Result.VIOLATED, naive.reason
    right = drill(session, shop, "right-list", LISTS)
    for name in ("merchant-pays-once", "merchant-never-fails-unsettled", "merchant-settles"):
        assert right.verdict.of(name).result is Result.HELD, right.verdict.of(name)
    assert "stale-list" in right.history.effective_faults


@pytest.mark.full
@pytest.mark.parametrize("profile", CASES)
def test_no_profile_raises_a_false_alarm_about_the_right_merchant(profile: str, tmp_path: Path) -> None:
    for seed, result in drills(profile, 2, 18, tmp_path):
        assert not list(alarms(result)), seed
        assert profile == "duplicates" or result.verdict.of("merchant-pays-once").result is Result.HELD, seed
