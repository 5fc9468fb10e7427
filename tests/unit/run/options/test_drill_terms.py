"""On which terms a drill judges."""

from __future__ import annotations

from ackord.run.options.drill_terms import DrillTerms
from ackord.run.resolve import load_profile


def test_what_must_be_exposed() -> None:
    profile = load_profile("lost-answers")
    assert DrillTerms().exposes(profile) == ["merchant-pays-once", "merchant-settles"]
    told = profile.model_copy(update={"exposes": ["merchant-verifies", "lost-ack-recoverable"]})
    assert DrillTerms(reports=True).exposes(told) == [
        "merchant-pays-once", "merchant-never-fails-unsettled", "merchant-settles", "merchant-verifies",
    ]  # fmt: skip


def test_they_stand_in_the_journal() -> None:
    assert DrillTerms(intent="$.invoice", intent_window_ns=5).to_json() == {
        "intent": "$.invoice", "intent_window_ns": 5, "reports": False, "callbacks": False,
        "callback_edge": False,
    }  # fmt: skip
