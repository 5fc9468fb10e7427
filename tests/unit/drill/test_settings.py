"""What is refused before anything is started."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from ackord.drill.settings import DrillSettings
from ackord.errors import UsageError


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (DrillSettings(env=["A-B"]), "--env A-B: no name of a variable"),
        (DrillSettings(intent="invoice"), "--intent: 'invoice' is not a place"),
        (DrillSettings(intent_window="10"), "--intent-window 10: this is no time"),
        (DrillSettings(time_limit="0s"), "--time-limit 0s: this is no time"),
        (DrillSettings(command=["no-such-program"]), "the command cannot be started: no-such-program is not there"),
        (DrillSettings(verify_cmd="no-such-program -x"), "--verify-cmd cannot be started: no-such-program is not"),
        (DrillSettings(verify_cmd="'"), "--verify-cmd ': No closing quotation"),
        (DrillSettings(verify_cmd=" "), "--verify-cmd is empty"),
    ],
)
def test_a_mistake(settings: DrillSettings, said: str) -> None:
    with pytest.raises(UsageError) as told:
        settings.check()
    assert said in str(told.value)


def test_a_file_that_may_not_be_executed(tmp_path: Path) -> None:
    (tmp_path / "pay").write_text("#!/bin/sh\n")
    with pytest.raises(UsageError, match="is not executable"):
        DrillSettings(command=[str(tmp_path / "pay")]).check()


def test_what_differs_from_the_default_stands_in_the_command_that_repeats_it() -> None:
    settings = DrillSettings(command=[sys.executable, "a b.py"], env=["PAY_URL"], report_pattern="(?P<paid>.*)")
    settings.check()
    words = ["--env", "PAY_URL", "--report-pattern", "(?P<paid>.*)", "--", sys.executable, "a b.py"]
    assert settings.flags() == words
    assert shlex.split(shlex.join(settings.flags())) == words
