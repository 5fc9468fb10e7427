"""Progress shows lines, partitions, the rate and what is late."""

from __future__ import annotations

import io

from ackord.core.clock import SECOND, VirtualClock
from ackord.statements.outcomes import PartitionOutcome, PartitionState, PullResult
from ackord.statements.pull_progress import PullProgress

from .support import key


def test_what_is_told() -> None:
    clock, stream = VirtualClock(), io.StringIO()
    progress = PullProgress(3, clock, stream)
    clock.sleep_ns(SECOND)
    progress.took(PartitionOutcome(key("a"), PartitionState.LANDED, 1000, 1))
    assert stream.getvalue() == ""
    clock.sleep_ns(3 * SECOND)
    progress.took(PartitionOutcome(key("b"), PartitionState.LATE))
    assert stream.getvalue() == "1,000 lines of 2 of 3 partitions, 250 lines/s, 1 late\n"
    progress.end(PullResult((), 4.0))
    assert stream.getvalue().endswith("not whole yet: b/2026-11-28/all\n")
