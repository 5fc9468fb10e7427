"""What ``ackord replay`` prints."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from ackord.cli.replay_output import ReplayOutput
from ackord.replay.confirmation import Confirmation
from ackord.replay.player import Play, PlayOutcome
from ackord.replay.replay import Replayed
from ackord.replay.shrink import ShrunkScenario
from ackord.run.options.plan import RunPlan
from tests.unit.replay.build import scenario

PLAN = cast("RunPlan", SimpleNamespace(seed=7, out=Path("out")))
LARGE, SMALL = scenario({"do": "submit"}, {"do": "query", "wait_ms": 1250.0}), scenario({"do": "submit"})
BROKEN, HELD = Play(PlayOutcome.BROKEN, "it broke", Path()), Play(PlayOutcome.HELD, "", Path())


def test_a_shrunk_scenario_stands_beside_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    recorded = Confirmation(LARGE, (BROKEN, HELD))
    result = Replayed(
        recorded,
        recorded,
        Path("out/scenario.yaml"),
        ShrunkScenario(SMALL, 4, finished=False),
        Confirmation(SMALL, (BROKEN, BROKEN)),
        Path("out/shrunk.yaml"),
        3_200_000_000,
        Path("test_order.py"),
    )
    ReplayOutput(quiet=False).show(result, PLAN)
    assert capsys.readouterr().out.splitlines() == [
        "acknowledged-order-visible: broken again, 1 of 2 times (1 held)",
        "scenario  out/scenario.yaml: 2 operations, 0 faults, 1,250 ms of waits",
        "shrunk    out/shrunk.yaml: 1 operation, 0 faults, 0 ms of waits; 2 of 2 times",
        "          4 smaller scenarios tried in 3 s; the search was cut off by its bound",
        "pytest    test_order.py",
        "seed      7",
        "evidence  out",
    ]


def test_quiet_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    output = ReplayOutput(quiet=True)
    output.played(1, HELD)
    held = Confirmation(LARGE, (HELD,))
    output.show(Replayed(held, held, Path("out/scenario.yaml")), PLAN)
    printed = capsys.readouterr()
    assert printed.out == "acknowledged-order-visible: not broken again, 0 of 1 times (1 held)\n"
    assert printed.err == ""


def test_each_play_is_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    output = ReplayOutput(quiet=False)
    output.played(1, BROKEN)
    output.played(2, HELD)
    assert capsys.readouterr().err == "play 1: broken: it broke\nplay 2: held\n"


def test_a_variant_is_told_to_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    result = Replayed(Confirmation(LARGE, (HELD,)), Confirmation(SMALL, (BROKEN,)), Path("out/scenario.yaml"))
    ReplayOutput(quiet=False).show(result, PLAN)
    assert capsys.readouterr().out.splitlines()[:2] == [
        "acknowledged-order-visible: not broken again, 0 of 1 times (1 held)",
        "scenario  out/scenario.yaml: 1 operation, 0 faults, 0 ms of waits; as it is there, not as it was recorded: "
        "1 of 1 times",
    ]
