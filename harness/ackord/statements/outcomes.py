"""Says what became of each partition of a pull, and of the pull as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from .lines import PartitionKey

__all__ = ["LateStatement", "MovingPages", "PartitionOutcome", "PartitionState", "PullResult", "UnreachableStatement"]


class LateStatement(Exception):
    """The provider says that the statement is not made yet."""


class MovingPages(Exception):
    """Lines moved from page to page while they were read: the list is to be read again."""


class UnreachableStatement(Exception):
    """There was no answer, however often it was asked for."""


class PartitionState(StrEnum):
    """What became of a partition."""

    LANDED = "landed"
    """A new version is in the store."""
    UNCHANGED = "unchanged"
    """The same lines had landed before."""
    GROWING = "growing"
    """It landed, but its day, or the time until it is whole, was not over: later lines make a version."""
    LATE = "late"
    """The provider has no statement yet, or one whose pages never stood still."""
    REFUSED = "refused"
    """It contradicts itself or cannot be read: nothing of it landed."""
    UNREACHABLE = "unreachable"
    """There was no answer: nothing of it landed."""


class PartitionOutcome(NamedTuple):
    """What became of one partition."""

    key: PartitionKey
    state: PartitionState
    rows: int = 0
    """Of the version that is valid now."""
    version: int = 0
    """The one that is valid now; 0 if none was landed by this pull or stood before."""
    added: int = 0
    removed: int = 0
    """Lines of the version before that this one does not have; of a new version only."""
    problem: str = ""
    """Why it did not land, or is not whole, with the file, the line and the value."""


class PullResult(NamedTuple):
    """What became of all."""

    outcomes: tuple[PartitionOutcome, ...]
    duration_s: float

    def of(self, *states: PartitionState) -> Sequence[PartitionOutcome]:
        """Return those in one of some states."""
        return [outcome for outcome in self.outcomes if outcome.state in states]

    @property
    def rows(self) -> int:
        """Return how many lines the partitions have that stand in the store."""
        return sum(outcome.rows for outcome in self.outcomes if outcome.version)

    @property
    def exit_code(self) -> int:
        """0 all landed; 1 a statement contradicts itself or cannot be read; 3 something is late; 4 no answer."""
        for state, code in ((PartitionState.REFUSED, 1), (PartitionState.UNREACHABLE, 4)):
            if self.of(state):
                return code
        return 3 if self.of(PartitionState.LATE, PartitionState.GROWING) else 0
