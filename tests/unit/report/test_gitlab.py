from __future__ import annotations

import json

from ackord.core.verdict import MissingEvidence, Result
from ackord.report.gitlab import render, to_json

from .build import ONCE, VISIBLE, campaign, judged, profile


def test_an_issue_is_a_broken_guarantee_under_a_profile() -> None:
    result = campaign(
        profile("a", judged(result=Result.VIOLATED), judged(ONCE, Result.UNSAFE)),
        profile("b", judged(result=Result.VIOLATED)),
        contract_file="mine.yaml",
        contract_lines={VISIBLE: 57},
    )
    issues = json.loads(render(result))
    assert [(i["check_name"], i["severity"], i["location"]) for i in issues] == [
        (VISIBLE, "critical", {"path": "mine.yaml", "lines": {"begin": 57}}),
        (ONCE, "major", {"path": "mine.yaml", "lines": {"begin": 1}}),
        (VISIBLE, "critical", {"path": "mine.yaml", "lines": {"begin": 57}}),
    ]
    assert len({i["fingerprint"] for i in issues}) == 3
    assert issues[0]["description"] == f"VIOLATED {VISIBLE} under profile a, 3 orders: it went wrong"


def test_what_could_not_be_judged_says_what_to_do_next() -> None:
    lacking = judged(ONCE, Result.INCONCLUSIVE, "too little", missing=MissingEvidence.WHOLE_RUN)
    (issue,) = to_json(campaign(profile("a", judged(), lacking)))
    assert issue["description"].endswith(f"({ONCE}); next: repeat the run, and let it come to its end")


def test_an_empty_report_means_that_everything_held() -> None:
    assert to_json(campaign(profile("a", judged()))) == []
    for unproven in (
        campaign(),
        campaign(profile("a", judged(), judged(ONCE, Result.INCONCLUSIVE, "too little"))),
        campaign(profile("a", judged()), not_run=("b",), interrupted=True),
        campaign(profile("a", judged()), required=("b",)),
        campaign(profile("a", judged(), complete=False)),
    ):
        assert [i["severity"] for i in to_json(unproven)] == ["minor"]
