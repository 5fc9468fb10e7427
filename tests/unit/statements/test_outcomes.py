"""The exit code says the worst: refused, then no answer, then late."""

from __future__ import annotations

import pytest

from ackord.statements.outcomes import PartitionOutcome, PartitionState, PullResult

from .support import key


@pytest.mark.parametrize(
    ("states", "code"),
    [("landed unchanged", 0), ("landed late", 3), ("growing", 3), ("late unreachable", 4), ("unreachable refused", 1)],
)
def test_exit_codes(states: str, code: int) -> None:
    outcomes = tuple(PartitionOutcome(key(), PartitionState(state)) for state in states.split())
    assert PullResult(outcomes, 1.0).exit_code == code


def test_rows_are_those_that_stand_in_the_store() -> None:
    landed = PartitionOutcome(key(), PartitionState.LANDED, rows=5, version=1)
    refused = PartitionOutcome(key(), PartitionState.REFUSED, rows=0, version=0)
    assert PullResult((landed, refused), 1.0).rows == 5
