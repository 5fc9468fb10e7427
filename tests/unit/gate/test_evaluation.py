"""What fails a gate, what does not, and that nothing passes by being forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ackord.certificate.levels import LEVELS
from ackord.core.result import CampaignResult
from ackord.core.shard import Shard
from ackord.core.verdict import MissingEvidence, Result
from ackord.errors import UsageError
from ackord.gate.verdict import ItemKind
from tests.unit.report.build import ONCE, VISIBLE, campaign, judged, left_out, profile

from .build import baseline, gate, held, kinds, policy, violated, waiver


def test_what_held_passes() -> None:
    verdict = gate(held())
    assert (verdict.passed, verdict.exit_code, verdict.items) == (True, 0, ())


@pytest.mark.parametrize("result", [Result.VIOLATED, Result.UNSAFE])
def test_a_finding_that_nobody_knows_fails(result: Result) -> None:
    verdict = gate(violated(result=result))
    assert (kinds(verdict), verdict.exit_code) == ([ItemKind.NEW], 1)
    (item,) = verdict.items
    assert item.text.startswith(f"{result} {VISIBLE} under replica-lag, 3 orders of 20: it went wrong")
    assert "ackord gate baseline out --baseline baseline.yaml --owner NAME" in item.mend


def test_a_known_finding_passes_until_the_end_of_its_day(tmp_path: Path) -> None:
    known = baseline(tmp_path, waiver(expires="2027-03-31"))
    verdict = gate(violated(), known=known, today="2027-03-31")
    assert (kinds(verdict), verdict.exit_code) == ([ItemKind.WAIVED], 0)
    assert "0 days left" in verdict.items[0].text
    late = gate(violated(), known=known, today="2027-04-01")
    assert (kinds(late), late.exit_code) == ([ItemKind.EXPIRED], 1)
    assert late.items[0].place == f"{tmp_path}/baseline.yaml:4"


def test_a_waiver_is_for_one_guarantee_and_one_profile(tmp_path: Path) -> None:
    known = baseline(tmp_path, waiver(name="none"), waiver("status-never-regresses"))
    assert kinds(gate(violated(), known=known)) == [ItemKind.NEW, ItemKind.STALE, ItemKind.NOT_TRIED]


def test_a_waiver_whose_finding_does_not_occur_any_more_fails(tmp_path: Path) -> None:
    verdict = gate(held(), known=baseline(tmp_path, waiver()))
    assert (kinds(verdict), verdict.exit_code) == ([ItemKind.STALE], 1)
    gone = campaign(profile("replica-lag", judged(VISIBLE, Result.NOT_APPLICABLE), judged(ONCE)))
    assert kinds(gate(gone, known=baseline(tmp_path, waiver()))) == [ItemKind.STALE]


def test_a_waiver_of_what_was_not_judged_is_told_and_nothing_else(tmp_path: Path) -> None:
    unknown = campaign(profile("replica-lag", judged(VISIBLE, Result.INCONCLUSIVE, "too few"), judged(ONCE)))
    verdict = gate(unknown, known=baseline(tmp_path, waiver(), waiver(name="latency")))
    assert (kinds(verdict), verdict.exit_code) == ([ItemKind.UNJUDGED, ItemKind.NOT_TRIED], 3)


def test_what_got_worse_than_it_is_known_fails(tmp_path: Path) -> None:
    unsafe = baseline(tmp_path, waiver(result="UNSAFE"))
    assert kinds(gate(violated(), known=unsafe)) == [ItemKind.WORSE]
    assert kinds(gate(violated(result=Result.UNSAFE), known=baseline(tmp_path, waiver()))) == [ItemKind.WAIVED]


def test_money_that_moved_twice_cannot_be_waived(tmp_path: Path) -> None:
    known = baseline(tmp_path, waiver(ONCE, result="UNSAFE"))
    assert kinds(gate(violated(ONCE), known=known)) == [ItemKind.UNWAIVABLE]
    assert kinds(gate(violated(ONCE, result=Result.UNSAFE), known=known)) == [ItemKind.WAIVED]


def test_what_is_required_cannot_be_waived(tmp_path: Path) -> None:
    loaded = policy(tmp_path, f"require: {{guarantees: [{VISIBLE}]}}\n")
    verdict = gate(violated(), loaded, baseline(tmp_path, waiver()))
    assert kinds(verdict) == [ItemKind.REQUIRED_BROKEN]
    assert "gate.yaml:1 requires it" in verdict.items[0].text


def test_what_is_required_must_have_been_judged(tmp_path: Path) -> None:
    loaded = policy(
        tmp_path, f"require:\n  guarantees: [{ONCE}, landing-bounded]\n  profiles: [none, latency, table-lag, empty]\n"
    )
    result = campaign(
        profile("none", judged(ONCE)), profile("empty", judged(VISIBLE, Result.NOT_APPLICABLE)),
        left_out=(left_out("table-lag", "no seam for read-model"),),
    )  # fmt: skip
    verdict = gate(result, loaded)
    assert verdict.exit_code == 3
    assert [item.text for item in verdict.items if item.kind is ItemKind.ABSENT] == [
        "profile latency: it was not run",
        "profile table-lag: it cannot run here: no seam for read-model",
        "profile empty: nothing could be judged under it",
        "landing-bounded: no profile of the run judged it",
    ]


def test_least_exposures_are_counted_over_profiles_or_under_one(tmp_path: Path) -> None:
    for text, few in (
        (f"[{{guarantee: {VISIBLE}, count: 80}}]", []),
        (f"[{{guarantee: {VISIBLE}, count: 81}}]", [VISIBLE]),
        (f"[{{guarantee: {VISIBLE}, profile: none, count: 41}}]", [VISIBLE]),
        ("[{count: 81}]", [VISIBLE, ONCE]),
        ("[{guarantee: landing-bounded, count: 1}]", ["landing-bounded"]),
    ):
        verdict = gate(held(), policy(tmp_path, f"least_exposures: {text}\n"))
        assert [item.guarantee for item in verdict.failures] == few, text
        assert {item.kind for item in verdict.failures} <= {ItemKind.TOO_FEW}
        assert verdict.exit_code == (3 if few else 0)


ALLOWED = "allow_inconclusive:\n  - {{guarantee: {}, owner: payments, reason: no bound, expires: 2027-03-31}}\n"


def test_what_is_inconclusive_fails_unless_it_is_allowed(tmp_path: Path) -> None:
    unknown = campaign(profile("none", judged("landing-bounded", Result.INCONCLUSIVE, "too few"), judged(VISIBLE)))
    assert (kinds(gate(unknown)), gate(unknown).exit_code) == ([ItemKind.UNJUDGED], 3)
    loaded = policy(tmp_path, ALLOWED.format("landing-bounded"))
    assert (kinds(gate(unknown, loaded)), gate(unknown, loaded).exit_code) == ([ItemKind.ALLOWED], 0)
    late = gate(unknown, loaded, today="2027-04-01")
    assert (kinds(late), late.exit_code) == ([ItemKind.UNJUDGED], 3)
    assert kinds(gate(held(), loaded)) == [ItemKind.UNUSED]


def test_a_judge_that_failed_is_never_allowed(tmp_path: Path) -> None:
    failed = campaign(profile("none", judged(VISIBLE, Result.ERROR, "it crashed"), judged(ONCE)))
    verdict = gate(failed, policy(tmp_path, ALLOWED.format(VISIBLE)))
    assert (verdict.failures[0].kind, verdict.exit_code) == (ItemKind.JUDGE_FAILED, 4)


DOUBTS: list[tuple[str, CampaignResult]] = [
    ("the run ended early", replace(held(), failure="the provider is gone")),
    ("the run ended early", replace(held(), interrupted=True)),
    ("not run, because the run stopped early: latency", replace(held(), not_run=("latency",))),
    ("no profile was run", campaign()),
    ("shard 1/2", replace(held(), shard=Shard(1, 2, 7, ("none", "replica-lag"), "again"))),
    ("the record of none is not whole", campaign(profile("none", judged(VISIBLE), complete=False))),
    ("nothing was judged under none", campaign(profile("none", judged(VISIBLE, Result.NOT_APPLICABLE)))),
    ("table-lag is required", replace(held(), required=("table-lag",))),
]


@pytest.mark.parametrize(("says", "result"), DOUBTS, ids=[says for says, _ in DOUBTS])
def test_a_run_that_is_not_whole_does_not_pass(says: str, result: CampaignResult) -> None:
    verdict = gate(result)
    assert ({item.kind for item in verdict.failures}, verdict.exit_code) == ({ItemKind.DOUBT}, 3)
    assert any(says in item.text for item in verdict.failures)


def test_a_run_that_stopped_at_a_known_finding_does_not_pass(tmp_path: Path) -> None:
    verdict = gate(replace(violated(), not_run=("latency",)), known=baseline(tmp_path, waiver()))
    assert kinds(verdict) == [ItemKind.DOUBT, ItemKind.WAIVED]


def test_profiles_that_cannot_run_are_told() -> None:
    verdict = gate(replace(held(), left_out=(left_out(),)))
    assert (kinds(verdict), verdict.exit_code) == ([ItemKind.LEFT_OUT], 0)


def repeated(*results: Result) -> CampaignResult:
    return campaign(*(profile("replica-lag", judged(VISIBLE, r, "too few"), judged(ONCE)) for r in results))


def test_what_was_broken_in_some_runs_only_is_told_k_of_n_and_fails(tmp_path: Path) -> None:
    flaky = repeated(Result.HELD, Result.VIOLATED, Result.HELD)
    new = gate(flaky)
    assert kinds(new) == [ItemKind.NEW]
    assert "broken in 1 of 3 runs" in new.items[0].text
    known = baseline(tmp_path, waiver())
    assert (kinds(gate(flaky, known=known)), gate(flaky, known=known).exit_code) == ([ItemKind.FLAKY], 1)
    assert kinds(gate(flaky, policy(tmp_path, "flaky: worst\n"), known)) == [ItemKind.WAIVED]
    steady = repeated(Result.VIOLATED, Result.VIOLATED)
    assert kinds(gate(steady, known=known)) == [ItemKind.WAIVED]


def test_a_known_finding_in_one_run_does_not_hide_that_another_was_not_judged(tmp_path: Path) -> None:
    for other, kind in ((Result.INCONCLUSIVE, ItemKind.UNJUDGED), (Result.ERROR, ItemKind.JUDGE_FAILED)):
        verdict = gate(
            repeated(Result.VIOLATED, other), policy(tmp_path, "flaky: worst\n"), baseline(tmp_path, waiver())
        )
        assert kinds(verdict) == [kind, ItemKind.WAIVED]
        assert "in 1 of 2 runs" in verdict.items[0].text


def test_a_baseline_that_is_still_to_be_written_is_told(tmp_path: Path) -> None:
    loaded = policy(tmp_path, "baseline: baseline.yaml\n")
    verdict = gate(violated(), loaded)
    assert kinds(verdict) == [ItemKind.NEW, ItemKind.NO_BASELINE]
    assert f"ackord gate baseline out --policy {tmp_path}/gate.yaml" in verdict.items[0].mend


def test_a_baseline_of_another_contract_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the baseline of reference, and the run is one of other"):
        gate(replace(held(), contract="other"), known=baseline(tmp_path, waiver()))


def whole_level(**results: Result) -> CampaignResult:
    """A run of every profile of A0 in which its guarantees hold, but for those named under ``none``."""
    level = LEVELS.get("A0")
    return campaign(
        *(
            profile(name, *(judged(g, results.get(g.replace("-", "_"), Result.HELD) if name == "none" else Result.HELD)
                            for g in level.must))
            for name in level.profiles
        )
    )  # fmt: skip


def test_the_level_of_the_policy_must_be_earned_and_cannot_be_waived(tmp_path: Path) -> None:
    loaded = policy(tmp_path, "level: A0\n")
    assert gate(whole_level(), loaded).items == ()
    broken = whole_level(resubmission_same_order=Result.VIOLATED)
    verdict = gate(broken, loaded, baseline(tmp_path, waiver("resubmission-same-order", "none")))
    assert (kinds(verdict), verdict.exit_code) == ([ItemKind.DENIED, ItemKind.WAIVED], 1)
    assert verdict.items[0].text.startswith("A0: resubmission-same-order is VIOLATED under none")
    assert verdict.items[0].place == f"{tmp_path}/gate.yaml:1"


def test_a_level_whose_profiles_were_not_all_run_is_not_proven(tmp_path: Path) -> None:
    short = whole_level()
    verdict = gate(replace(short, profiles=short.profiles[1:]), policy(tmp_path, "level: A0\n"))
    assert (kinds(verdict), verdict.exit_code) == ([ItemKind.UNPROVEN], 3)
    assert "the profile none is missing" in verdict.items[0].text


def test_what_was_not_judged_says_what_gives_the_evidence() -> None:
    for missing, step in ((MissingEvidence.WHOLE_RUN, "repeat the run"), (None, "give it more to judge by")):
        unknown = judged(VISIBLE, Result.INCONCLUSIVE, "too few", missing=missing)
        (item,) = gate(campaign(profile("replica-lag", unknown, judged(ONCE)))).items
        assert item.mend.startswith(step)
        assert item.mend.endswith("; or allow it for a time under allow_inconclusive")
