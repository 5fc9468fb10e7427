from __future__ import annotations

from ackord.core.verdict import MissingEvidence, Result
from ackord.report.cases import CaseOutcome, case_suites

from .build import ONCE, VISIBLE, campaign, judged, left_out, profile


def test_only_held_passes_and_every_case_has_its_result() -> None:
    (suite,) = case_suites(campaign(profile("a", *[judged(f"g-{r.value}", r, "why") for r in Result])))
    assert {case.result: case.outcome for case in suite.cases} == {
        Result.HELD: CaseOutcome.PASSED,
        Result.NOT_APPLICABLE: CaseOutcome.SKIPPED,
        Result.VIOLATED: CaseOutcome.FAILURE,
        Result.UNSAFE: CaseOutcome.FAILURE,
        Result.INCONCLUSIVE: CaseOutcome.ERROR,
        Result.ERROR: CaseOutcome.ERROR,
    }


def test_names_are_unique_in_a_campaign_of_every_kind() -> None:
    result = campaign(
        profile("a", judged(VISIBLE), judged(ONCE)),
        profile("a", judged(VISIBLE)),
        not_run=("b",),
        left_out=(left_out("c"),),
        failure="the provider is gone",
    )
    names = [(suite.name, case.name) for suite in case_suites(result) for case in suite.cases]
    assert len(names) == len(set(names)) == 6


def test_nothing_at_all_is_a_case_that_fails() -> None:
    (suite,) = case_suites(campaign())
    assert [case.outcome for case in suite.cases] == [CaseOutcome.ERROR]


def test_a_case_that_could_not_be_judged_says_what_to_do_next() -> None:
    unknown = judged(ONCE, Result.INCONCLUSIVE, "no occasion", missing=MissingEvidence.EXPOSURE)
    (suite,) = case_suites(campaign(profile("a", judged(), unknown, judged("g", Result.ERROR, "it crashed"))))
    held, lacking, crashed = (case.text.splitlines() for case in suite.cases)
    assert lacking[1:] == ["no occasion", "next: send more orders for it to happen to: --budget standard, or deep"]
    assert held == [] and crashed[1:] == ["it crashed"]
