from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ackord.core.event import FaultChange
from ackord.core.result import CampaignResult, ProfileResult
from ackord.core.verdict import Result
from ackord.report.campaign_summary import (
    broken,
    broken_by_cause,
    closing_sentence,
    labelled,
    notes,
    remarks,
    unjudged,
    weakest_bound,
    worst_buffer,
)

from ..guarantees.build import history as told
from ..guarantees.build import order
from .build import ONCE, VISIBLE, campaign, history, judged, profile, window


def test_two_runs_of_one_profile_get_labels_of_their_own() -> None:
    names = ("replica-lag", "replica-lag-2", "replica-lag", "replica-lag")
    labels = [label for label, _ in labelled(campaign(*[profile(n) for n in names]))]
    assert labels == ["replica-lag", "replica-lag-2", "replica-lag-3", "replica-lag-4"]


def test_a_guarantee_is_broken_once_however_many_profiles_broke_it() -> None:
    result = campaign(
        profile("a", judged(VISIBLE, Result.UNSAFE), judged(ONCE, Result.UNSAFE)),
        profile("b", judged(VISIBLE, Result.HELD), judged(ONCE, Result.HELD)),
        profile("c", judged(VISIBLE, Result.UNSAFE), judged(ONCE, Result.VIOLATED)),
    )
    found = broken(result)
    assert [(b.guarantee, b.label, b.labels) for b in found] == [(ONCE, "c", ("a", "c")), (VISIBLE, "a", ("a", "c"))]


def test_what_only_follows_stands_under_its_cause() -> None:
    follows = replace(judged(VISIBLE, Result.VIOLATED), follows_from=ONCE)
    result = campaign(profile("a", follows, judged(ONCE, Result.VIOLATED)))
    assert [[b.guarantee for b in group] for group in broken_by_cause(result)] == [[ONCE, VISIBLE]]
    assert [(b.guarantee, b.follows_from) for b in broken(result)] == [(ONCE, ""), (VISIBLE, ONCE)]


def test_what_stands_for_itself_under_some_profile_is_a_cause() -> None:
    follows = replace(judged(VISIBLE, Result.VIOLATED), follows_from=ONCE)
    result = campaign(
        profile("a", follows, judged(ONCE, Result.VIOLATED)), profile("b", judged(VISIBLE, Result.VIOLATED))
    )
    assert [[b.guarantee for b in group] for group in broken_by_cause(result)] == [[VISIBLE], [ONCE]]


def test_a_cause_that_is_not_broken_itself_hides_nothing() -> None:
    follows = replace(judged(VISIBLE, Result.VIOLATED), follows_from=ONCE)
    assert [b.guarantee for b in broken(campaign(profile("a", follows)))] == [VISIBLE]


def test_what_could_not_be_judged_for_one_reason_stands_together() -> None:
    lag = "fault replication-latency never took effect"
    result = campaign(
        profile("a", judged(VISIBLE, Result.INCONCLUSIVE, lag), judged(ONCE, Result.INCONCLUSIVE, lag)),
        profile("b", judged(VISIBLE, Result.INCONCLUSIVE, lag), judged(ONCE, Result.ERROR, "the judge crashed")),
    )
    assert [(u.guarantees, u.result, u.labels) for u in unjudged(result)] == [
        ((ONCE,), Result.ERROR, ("b",)),
        ((VISIBLE,), Result.INCONCLUSIVE, ("a", "b")),
        ((ONCE,), Result.INCONCLUSIVE, ("a",)),
    ]


HELD, NOTHING = judged(), judged(ONCE, Result.NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (campaign(profile("a", HELD, NOTHING)), "HELD: 1 guarantee held under 1 profile. Exit code 0."),
        (
            campaign(profile("a", judged(result=Result.VIOLATED), judged(ONCE, Result.UNSAFE)), profile("b", HELD)),
            "VIOLATED: 1 of 2 guarantees violated, 1 unsafe, under 1 of 2 profiles. Exit code 1.",
        ),
        (
            campaign(profile("a", judged(result=Result.UNSAFE), judged(ONCE, Result.INCONCLUSIVE))),
            "UNSAFE: 1 of 2 guarantees unsafe; 1 could not be judged. Exit code 1.",
        ),
        (
            campaign(*(profile(p, judged(result=Result.UNSAFE), judged(ONCE, Result.INCONCLUSIVE)) for p in "ab")),
            "UNSAFE: 1 of 2 guarantees unsafe, under every profile; 1 could not be judged under every profile. "
            "Exit code 1.",
        ),
        (
            campaign(profile("a", HELD, judged(ONCE, Result.INCONCLUSIVE))),
            "INCONCLUSIVE: nothing was broken, but 1 guarantee could not be judged. This is not a pass. Exit code 3.",
        ),
        (
            campaign(profile("a", HELD, complete=False)),
            "INCONCLUSIVE: nothing was broken, but the record of the run is not whole. This is not a pass. Exit "
            "code 3.",
        ),
        (
            campaign(profile("a", HELD), profile("b", complete=False), interrupted=True),
            "INCONCLUSIVE: the run ended early (it was interrupted); until then, 1 profile held and nothing was broken. "
            "This is not a pass. Exit code 130.",
        ),
        (
            campaign(profile("a", judged(result=Result.VIOLATED)), failure="the provider is gone.\n  mend: start it"),
            "VIOLATED: the run ended early (the provider is gone); until then, 1 of 1 guarantee violated. Exit code 4.",
        ),
        (
            campaign(profile("a", HELD), required=("b",)),
            "INCONCLUSIVE: nothing was broken, but b is required, and was not judged. This is not a pass. Exit code 3.",
        ),
        (campaign(profile("a", NOTHING)), "INCONCLUSIVE: nothing was judged. This is not a pass. Exit code 3."),
        (campaign(), "INCONCLUSIVE: nothing was judged. This is not a pass. Exit code 3."),
        (
            campaign(profile("a", HELD, judged(ONCE, Result.ERROR))),
            "ERROR: the judge itself failed on 1 guarantee. This is not a pass. Exit code 4.",
        ),
    ],
)
def test_the_last_line_says_the_result_and_the_exit_code(result: CampaignResult, line: str) -> None:
    assert closing_sentence(result) == line
    assert line.endswith(f"Exit code {result.exit_code}.")


def test_profiles_that_were_not_run_are_noted() -> None:
    result = campaign(profile("a", notes=("no query ever succeeded",)), not_run=("b", "c"))
    assert notes(result) == ["a: no query ever succeeded", "not run, because the run stopped early: b, c"]


def test_a_remark_on_several_profiles_is_told_once_and_names_them() -> None:
    profiles = [profile("a", notes=("x", "y")), profile("b", notes=("y",)), profile("c", notes=("y", "z"))]
    assert notes(campaign(*profiles)) == ["a: x", "a, b, c: y", "c: z"]
    many = [profile(label, notes=("y", "z")[: 1 + (label != "a")]) for label in "abcde"]
    assert notes(campaign(*many)) == ["all 5 profiles: y", "b, c, d, e: z"]


def test_why_the_contract_is_not_beside_the_evidence_is_noted_once() -> None:
    why = {"contract_not_kept": "own.yaml:3: accounts.main.auth.bearer may be a secret"}
    both = [profile(label, history=told(order("o").submit(0, 5), options=why)) for label in ("a", "b")]
    assert notes(campaign(*both)) == [why["contract_not_kept"]]
    assert remarks(both[0]) == [why["contract_not_kept"]]
    assert notes(campaign(profile("a", history=told(order("o"), options={"contract_not_kept": ""})))) == []


def run(
    label: str, *changes: tuple[str, str], requires: dict[str, tuple[str, ...]] | None = None, **more: Any
) -> ProfileResult:
    """A profile whose run tells these changes of these faults."""
    events = [FaultChange(i, fault, change, "edge", 0, {}) for i, (fault, change) in enumerate(changes)]
    told = history(events)
    told.header = replace(told.header, requires=requires or {})
    return profile(label, *more.pop("guarantees", (judged(),)), history=told, **more)


def test_a_fault_that_was_armed_and_shows_nothing_is_noted_once_for_all_profiles() -> None:
    result = campaign(
        run("a", ("cut", "armed"), ("reset", "armed"), ("cut", "healed"), ("cut", "armed")),
        run("b", ("cut", "armed"), ("cut", "healed")),
    )
    assert notes(result) == [
        "profiles a, b: the fault cut was armed and nothing shows that it did anything",
        "profile a: the fault reset was armed and nothing shows that it did anything",
    ]


@pytest.mark.parametrize("evidence", ["fired", "effective"])
def test_a_fault_that_shows_something_is_not_noted(evidence: str) -> None:
    assert notes(campaign(run("a", ("cut", "armed"), ("cut", evidence), ("cut", "healed")))) == []


def test_a_fault_that_was_never_armed_is_not_noted() -> None:
    assert notes(campaign(run("a"))) == []


def test_what_rests_on_an_idle_fault_is_only_named_where_something_does() -> None:
    unproven = judged(VISIBLE, Result.INCONCLUSIVE, "fault cut never took effect")
    armed = (("cut", "armed"), ("lag", "armed"))
    either = {VISIBLE: ("cut", "lag")}
    said = "the fault cut was armed and nothing shows that it did anything"
    rests = f"{said}; what rests on it is INCONCLUSIVE"

    both_idle = run("a", *armed, requires=either, guarantees=(unproven,))
    assert remarks(both_idle) == [rests, rests.replace("cut", "lag")]
    other_showed = run("a", *armed, ("lag", "effective"), requires=either)
    assert remarks(other_showed) == [said]
    broken_all_the_same = run("a", ("cut", "armed"), requires=either, guarantees=(judged(VISIBLE, Result.VIOLATED),))
    assert remarks(broken_all_the_same) == [said]


def test_remarks_begin_with_the_judge_s_own() -> None:
    one = run("a", ("cut", "armed"), notes=("no query ever succeeded",))
    assert remarks(one) == [
        "no query ever succeeded",
        "the fault cut was armed and nothing shows that it did anything",
    ]


def test_one_profile_without_a_sufficient_buffer_is_enough_to_recommend_none() -> None:
    assert worst_buffer([window(recommended_buffer_ms=7), window(recommended_buffer_ms=9)]) == 9
    assert worst_buffer([window(recommended_buffer_ms=7), window(recommended_buffer_ms=None)]) is None


def test_the_weakest_bound_is_the_one_that_proves_least() -> None:
    weak = window(asked_at_once=59, visible_at_once_share=0.95)
    assert weakest_bound([window(), weak, window(visible_at_once_share=None)]) is weak
    assert weakest_bound([window(visible_at_once_share=None)]) is None
