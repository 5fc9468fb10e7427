from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as PublishedForm

from ackord.core.result import CampaignResult
from ackord.core.verdict import GuaranteeVerdict, MissingEvidence, Result
from ackord.guarantees import GUARANTEES
from ackord.report.sarif import CAMPAIGN_RULE, render, to_json

from .build import ONCE, VISIBLE, campaign, every_kind, finding, judged, profile


def run_of(result: CampaignResult) -> dict[str, Any]:
    run: dict[str, Any] = to_json(result)["runs"][0]
    return run


def broken(order: str = "A-1", seed: int = 7) -> CampaignResult:
    many = GuaranteeVerdict(VISIBLE, Result.VIOLATED, 40, 20, 9, tuple(finding(order=f"{order}-{i}") for i in range(3)))
    return campaign(
        profile("a", many, judged(ONCE, Result.UNSAFE)),
        profile("b", judged(result=Result.VIOLATED)),
        contract_file="contracts/my bank.yaml",
        contract_lines={VISIBLE: 57, ONCE: 61},
        seed=seed,
    )


@pytest.mark.parametrize("result", [broken(), *every_kind()])
def test_the_published_form_is_kept(result: CampaignResult) -> None:
    """The classes are generated from the published schema, and forbid what it does not know."""
    PublishedForm.model_validate(json.loads(render(result)))


def test_a_form_that_is_not_kept_is_refused() -> None:
    data = to_json(broken())
    data["runs"][0]["results"][0]["messages"] = "?"
    with pytest.raises(ValueError, match="messages"):
        PublishedForm.model_validate(data)


def test_a_rule_is_a_guarantee_and_a_result_a_finding_at_the_contract_s_line() -> None:
    run = run_of(broken())
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [VISIBLE, ONCE, CAMPAIGN_RULE]
    assert rules[0]["fullDescription"]["text"] == GUARANTEES.get(VISIBLE).clause
    assert [(r["ruleId"], r["level"], r["properties"]["profile"]) for r in run["results"]] == [
        (VISIBLE, "error", "a"), (VISIBLE, "error", "a"), (VISIBLE, "error", "a"), (ONCE, "warning", "a"),
        (VISIBLE, "error", "b"),
    ]  # fmt: skip
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
    place = run["results"][3]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "contracts/my%20bank.yaml"}, "region": {"startLine": 61}}


def test_an_answer_cannot_write_signs_that_nobody_sees() -> None:
    evil = "paid \x1b[31m\u202e\x00"
    (found,) = run_of(campaign(profile("a", judged(result=Result.VIOLATED, summary=evil))))["results"]
    assert not set("\x1b\u202e\x00") & set(found["message"]["text"])


def test_fingerprints_tell_findings_apart_and_outlive_a_seed() -> None:
    def prints(result: CampaignResult) -> list[str]:
        return [r["partialFingerprints"]["ackordFinding/v1"] for r in run_of(result)["results"]]

    first, again = prints(broken()), prints(broken("B-2", seed=8))
    assert first == again
    assert len(first) == len(set(first)) == 5


def test_what_was_not_judged_is_a_result_too() -> None:
    """A scanner that gets no results closes the alerts of the run before."""
    (gap,) = run_of(campaign(profile("a", judged(), judged(ONCE, Result.INCONCLUSIVE, "too little"))))["results"]
    assert (gap["ruleId"], gap["level"]) == (CAMPAIGN_RULE, "warning")
    assert "too little" in gap["message"]["text"] and ONCE in gap["message"]["text"]
    lacking = judged(ONCE, Result.INCONCLUSIVE, "too little", missing=MissingEvidence.WHOLE_RUN)
    (gap,) = run_of(campaign(profile("a", judged(), lacking)))["results"]
    assert gap["message"]["text"].endswith("; next: repeat the run, and let it come to its end")
    assert [r["ruleId"] for r in run_of(campaign())["results"]] == [CAMPAIGN_RULE]
    assert run_of(campaign(profile("a", judged())))["results"] == []


def test_a_run_that_ended_early_is_no_success() -> None:
    (invocation,) = run_of(campaign(profile("a", judged()), failure="the provider is gone"))["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 4)
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "the run ended early: the provider is gone"
    (whole,) = run_of(broken())["invocations"]
    assert (whole["executionSuccessful"], whole["exitCode"]) == (True, 1)
