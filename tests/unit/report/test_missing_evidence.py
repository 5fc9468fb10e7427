"""What to do about a guarantee that could not be judged: the judge says what is missing, and the reports what gives it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ackord.core.result import CampaignResult
from ackord.core.verdict import MissingEvidence, Result
from ackord.report.missing_evidence import (
    ADVICE,
    gaps_with_steps,
    next_step,
    next_steps,
    steps_to_json,
    unjudged_by_step,
)

from .build import ONCE, VISIBLE, campaign, history, judged, profile

FAULT, EXPOSURE, LEDGER = MissingEvidence.FAULT_EFFECT, MissingEvidence.EXPOSURE, MissingEvidence.WHOLE_LEDGER
MORE = "send more orders for it to happen to: --budget standard, or deep"


def lacking(name: str, missing: MissingEvidence, reason: str = "why", guarantee: str = VISIBLE) -> CampaignResult:
    return campaign(profile(name, judged(guarantee, Result.INCONCLUSIVE, reason, missing=missing)))


@pytest.mark.parametrize("missing", MissingEvidence)
def test_whatever_is_missing_has_a_step(missing: MissingEvidence) -> None:
    run = campaign()
    advice = ADVICE[missing]
    assert next_step(missing, run) == advice.run != ""
    assert next_step(missing, replace(run, subject="integration")) == advice.drill != ""
    recorded = next_step(missing, replace(run, target="recording"))
    assert recorded == advice.recording
    assert bool(recorded) is (missing is not FAULT), "a recording has no faults"


def test_where_nothing_is_missing_there_is_no_step() -> None:
    assert next_step(None, campaign()) == ""


@pytest.mark.parametrize(
    ("budget", "step"), [("quick", "--budget standard, or deep"), ("standard", "--budget deep"), ("deep", "--seed")]
)
def test_more_orders_than_the_run_had(budget: str, step: str) -> None:
    run = replace(campaign(), budget=budget)
    assert step in next_step(EXPOSURE, run)
    assert step.replace("--", "--chaos-") in next_step(EXPOSURE, replace(run, repeat="pytest --contract reference"))


def test_a_run_that_made_no_fault_is_told_to_make_them() -> None:
    for inject in (False, True):
        told = campaign(profile("a", judged(), history=history(options={"inject": inject})))
        assert ("without --no-inject" in next_step(FAULT, told)) is not inject
        assert "--no-inject" not in next_step(LEDGER, told)


def test_events_in_parquet_of_a_run_are_the_run_s_and_others_are_recordings() -> None:
    own = replace(campaign(), target="parquet")
    assert next_step(EXPOSURE, own) == MORE
    assert next_step(EXPOSURE, replace(own, budget="")).startswith("record traffic")
    assert next_step(EXPOSURE, replace(own, budget="", subject="integration")).startswith("let the command")


MANY = campaign(
    profile(
        "a",
        judged(VISIBLE, Result.INCONCLUSIVE, "no effect", missing=FAULT),
        judged(ONCE, Result.INCONCLUSIVE, "no ledger", missing=LEDGER),
    ),
    profile(
        "b",
        judged(VISIBLE, Result.INCONCLUSIVE, "no occasion", missing=EXPOSURE),
        judged(ONCE, Result.ERROR, "the judge crashed"),
    ),
    profile("c", judged(VISIBLE), judged(ONCE, Result.NOT_APPLICABLE)),
)


def test_a_step_stands_once_however_many_reasons_and_profiles_it_is_for() -> None:
    entries = unjudged_by_step(MANY)
    assert [(e.result, e.step, [u.reason for u in e.groups]) for e in entries] == [
        (Result.ERROR, "", ["the judge crashed"]),
        (Result.INCONCLUSIVE, MORE, ["no effect", "no occasion"]),
        (Result.INCONCLUSIVE, ADVICE[LEDGER].run, ["no ledger"]),
    ]
    assert next_steps(MANY) == [MORE, ADVICE[LEDGER].run]
    assert steps_to_json(MANY) == [
        {"step": MORE, "guarantees": [VISIBLE], "profiles": ["a", "b"]},
        {"step": ADVICE[LEDGER].run, "guarantees": [ONCE], "profiles": ["a"]},
    ]


def test_what_is_broken_or_held_needs_no_step() -> None:
    assert next_steps(campaign(profile("a", judged(), judged(ONCE, Result.VIOLATED)))) == []


def test_a_gap_that_is_read_alone_has_its_own_step_and_a_doubt_has_none() -> None:
    said = gaps_with_steps(replace(MANY, required=("d",)))
    assert [gap.partition("; next: ")[2] for gap in said] == ["", MORE, MORE, ADVICE[LEDGER].run, ""]
    assert said[-1] == "d is required, and was not judged"


def test_no_step_depends_on_the_words_of_a_reason() -> None:
    for missing in MissingEvidence:
        assert next_steps(lacking("a", missing, "words of tomorrow")) == [ADVICE[missing].run]
