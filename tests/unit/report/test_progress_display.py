from __future__ import annotations

from typing import NamedTuple

from ackord.core.verdict import Result
from ackord.report.progress_display import ProgressDisplay

from .build import paper, terminal, written


class Update(NamedTuple):
    profile: str
    phase: str
    operations: int = 0
    exposures: int = 0
    violations: int = 0
    result: Result | None = None


def test_a_log_gets_one_plain_line_a_phase() -> None:
    console = paper()
    with ProgressDisplay(console, ["replica-lag", "latency"]) as display:
        for update in (
            Update("replica-lag", "steady"),
            Update("replica-lag", "disturb", 12),
            Update("replica-lag", "disturb", 300, 200, 1),
            Update("replica-lag", "done", 1200, 800, 3),
            Update("replica-lag", "done", 1200, 800, 3, Result.VIOLATED),
        ):
            display.update(update)
    assert written(console).splitlines() == [
        "replica-lag: steady",
        "replica-lag: disturb  (12 operations, 0 exposures, 0 violations)",
        "replica-lag: VIOLATED  (1,200 operations, 800 exposures, 3 violations)",
    ]


def test_the_table_has_a_row_a_profile_and_the_newest_counts() -> None:
    console = paper()
    display = ProgressDisplay(console, ["replica-lag", "latency"])
    display.update(Update("replica-lag", "done", 1200, 800, 3, Result.VIOLATED))
    display.update(Update("stranger", "disturb", 7, 5, 0))
    console = paper()
    console.print(display.table())
    rows = [line.split() for line in written(console).splitlines()]
    assert rows == [
        ["profile", "phase", "operations", "exposures", "violations"],
        ["replica-lag", "VIOLATED", "1,200", "800", "3"],
        ["latency", "waiting", "0", "0", "0"],
        ["stranger", "disturb", "7", "5", "0"],
    ]


def test_a_terminal_gets_its_cursor_back_whatever_happens() -> None:
    console = terminal()
    try:
        with ProgressDisplay(console, ["replica-lag"]) as display:
            display.update(Update("replica-lag", "disturb", 7, 5, 0))
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    text = written(console)
    assert "\x1b[?25l" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
