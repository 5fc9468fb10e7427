"""What to do about a guarantee that could not be judged: every advice belongs to a reason that the judge gives."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest

from ackord.core import usable_answers
from ackord.guarantees import tally
from ackord.report.missing_evidence import REASONS, next_step

from .test_campaign_summary import campaign


@pytest.mark.parametrize("words", [reason.words for reason in REASONS])
def test_the_judge_gives_such_a_reason(words: str) -> None:
    assert words in inspect.getsource(tally) + inspect.getsource(usable_answers)


def test_a_run_is_repeated_and_a_recording_is_recorded_anew() -> None:
    run = campaign()
    recorded = replace(run, target="recording")
    reason = "nothing exposed it: no occasion on which it could have been broken"
    assert "--budget standard" in next_step(reason, run)
    assert next_step(reason, recorded) == "record traffic in which such an occasion occurs"
    assert next_step("something new", run) == ""
    assert next_step("slow-node never took effect", recorded) == "", "a recording has no faults"
