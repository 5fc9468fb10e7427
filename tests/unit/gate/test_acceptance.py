"""What becomes of a baseline when a run is accepted."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from ackord.core.result import CampaignResult
from ackord.core.shard import Shard
from ackord.core.verdict import Result
from ackord.errors import UsageError
from ackord.gate.acceptance import Acceptance, BaselineUpdate, acceptance_of, updated_baseline
from ackord.gate.baseline import Baseline
from ackord.gate.policy import GatePolicy, RequiredSet
from tests.unit.report.build import ONCE, VISIBLE, campaign, judged, profile

from .build import TODAY, baseline, held, violated, waiver

SAID = Acceptance("others", "PAY-2", datetime.date(2027, 4, 30))


def update(result: CampaignResult, old: Baseline | None = None, policy: GatePolicy | None = None) -> BaselineUpdate:
    return updated_baseline(result, policy or GatePolicy(), old or Baseline(""), SAID)


def names(waivers: tuple) -> list[str]:  # type: ignore[type-arg]
    return [f"{w.guarantee} {w.profile} {w.result} {w.owner}" for w in waivers]


def test_a_new_finding_is_accepted_as_it_is_said() -> None:
    made = update(violated())
    assert names(made.added) == [f"{VISIBLE} replica-lag VIOLATED others"]
    assert made.baseline.contract == "reference"
    assert (made.added[0].reason, made.added[0].expires) == ("PAY-2", datetime.date(2027, 4, 30))


def test_what_is_known_keeps_its_owner_and_its_expiry(tmp_path: Path) -> None:
    made = update(violated(), baseline(tmp_path, waiver(expires="2020-01-01")))
    assert names(made.kept) == [f"{VISIBLE} replica-lag VIOLATED payments"]
    assert made.kept[0].expires == datetime.date(2020, 1, 1), "a person decides whether it is renewed"
    assert (made.added, made.dropped) == ((), ())


def test_what_does_not_occur_any_more_goes_and_what_was_not_judged_stays(tmp_path: Path) -> None:
    old = baseline(tmp_path, waiver(), waiver(name="latency"), waiver("landing-bounded", "none"))
    unknown = campaign(
        profile("replica-lag", judged(VISIBLE)), profile("none", judged("landing-bounded", Result.INCONCLUSIVE, "few"))
    )
    made = update(unknown, old)
    assert names(made.dropped) == [f"{VISIBLE} replica-lag VIOLATED payments"]
    assert {w.profile for w in made.kept} == {"latency", "none"}


def test_what_got_worse_is_accepted_anew(tmp_path: Path) -> None:
    made = update(violated(), baseline(tmp_path, waiver(result="UNSAFE")))
    assert names(made.baseline.waivers) == [f"{VISIBLE} replica-lag VIOLATED others"]
    milder = update(violated(result=Result.UNSAFE), baseline(tmp_path, waiver()))
    assert names(milder.baseline.waivers) == [f"{VISIBLE} replica-lag VIOLATED payments"]


def test_money_that_moved_twice_and_what_is_required_are_refused() -> None:
    made = update(violated(ONCE))
    assert [(cell.guarantee, why) for cell, why in made.refused] == [
        (ONCE, "money moved twice, which no contract can allow")
    ]
    assert made.baseline.waivers == ()
    required = update(violated(), policy=GatePolicy(require=RequiredSet(guarantees=[VISIBLE])))
    assert [why for _, why in required.refused] == ["the policy requires it (require.guarantees)"]


def test_what_a_level_rests_on_is_refused_under_its_profiles() -> None:
    def refused(level: str, guarantee: str, name: str, result: Result = Result.VIOLATED) -> list[str]:
        run = campaign(profile(name, judged(guarantee, result)))
        return [why for _, why in update(run, policy=GatePolicy(level=level)).refused]

    assert refused("A0", "resubmission-same-order", "none") == ["the policy's level A0 rests on it"]
    assert refused("A0", "resubmission-same-order", "replica-lag") == []
    assert refused("A0", VISIBLE, "none") == []
    assert refused("A1", VISIBLE, "none") == ["the policy's level A1 rests on it"]
    assert refused("A1", VISIBLE, "none", Result.UNSAFE) == [], "a contract may promise less, and A1 allows it"


def test_entries_are_sorted_so_that_files_merge() -> None:
    result = campaign(
        profile("z", judged(VISIBLE, Result.VIOLATED)), profile("a", judged(VISIBLE, Result.UNSAFE)),
    )  # fmt: skip
    assert [w.profile for w in update(result).baseline.waivers] == ["a", "z"]


def test_a_shard_and_another_contract_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"shard 1/2 .*\n.*ackord report merge"):
        update(replace(held(), shard=Shard(1, 2, 7, ("a", "b"), "again")))
    with pytest.raises(UsageError, match="the baseline of reference, and the run is one of other"):
        update(replace(held(), contract="other"), baseline(tmp_path, waiver()))


@pytest.mark.parametrize(
    ("expires", "day"), [("2027-03-31", (2027, 3, 31)), ("30d", (2027, 4, 14)), ("0d", (2027, 3, 15))]
)
def test_an_acceptance_ends_on_a_day(expires: str, day: tuple[int, int, int]) -> None:
    assert acceptance_of("payments", "PAY-1", expires, TODAY).expires == datetime.date(*day)


@pytest.mark.parametrize(
    ("owner", "reason", "expires", "says"),
    [
        ("payments", "PAY-1", "30", "--expires 30: this is no day"),
        ("payments", "PAY-1", "2027-03-14", "this day has passed"),
        ("", "PAY-1", "30d", "--owner ''"),
        ("payments", "todo", "30d", "--reason 'todo'"),
    ],
)
def test_an_acceptance_that_tells_nothing_is_refused(owner: str, reason: str, expires: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        acceptance_of(owner, reason, expires, TODAY)
