"""The cases of the detection benchmark, and what counts as found: pure functions of what the two tools report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ackord.providers.flaws import FLAWS

__all__ = [
    "ACKORD",
    "BROKEN",
    "CASES",
    "FALSE_ALARM",
    "FOUND",
    "MISSED",
    "PEER",
    "QUIET",
    "Case",
    "Judged",
    "Row",
    "judge_ackord",
    "judge_peer",
]

ACKORD, PEER = "ackord", "schemathesis"
FOUND, MISSED, FALSE_ALARM, QUIET, BROKEN = "found", "missed", "false alarm", "quiet", "broken"
INVISIBLE = frozenset({"EnsureResourceAvailability"})
"""Schemathesis' failure for a resource that is answered 404 right after it was created."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One variant of the reference provider."""

    flaw: str
    words: str
    peer_failures: frozenset[str] = frozenset()
    """Schemathesis' failures that are about this defect. Empty: none of its checks can know of it."""
    through_gateway: bool = False
    """Whether Schemathesis must go through the gateway to meet the fault; else it goes to the provider directly, which
    is quicker.
    """

    @property
    def correct(self) -> bool:
        return FLAWS.get(self.flaw).correct

    @property
    def guarantee(self) -> str:
        return FLAWS.get(self.flaw).caught_by

    @property
    def profile(self) -> str:
        """Under which the provider stands for Schemathesis."""
        return FLAWS.get(self.flaw).profile or "replica-lag"


CASES = (
    Case("standby-reads", "200 ms of lag on every write (control: both should find it)", INVISIBLE),
    Case("lag-1ms", "1 ms of lag on every write", INVISIBLE),
    Case("lag-rare", "200 ms of lag on 0.5 % of the orders", INVISIBLE),
    Case("unlanded-failed", "FAILED for an acknowledged order"),
    Case("check-then-insert", "double booking: look-up, then insert"),
    Case("standby-dedup", "double booking: duplicates looked up on the standby"),
    Case("duplicate-executes", "double booking: a copy from the network", through_gateway=True),
    Case("primary-reads", "correct provider, 200 ms of lag"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One run of one tool."""

    tool: str
    case: str
    seed: int
    outcome: str
    seconds: float
    exit_code: int | None
    others: tuple[str, ...]
    """What else was reported: other guarantees, or failures that are not about the defect; on a correct provider, the
    false alarms.
    """
    versions: str
    """Of both tools, and the peer's budget: rows of other versions are not taken up again."""

    @property
    def key(self) -> tuple[str, str, int]:
        return self.tool, self.case, self.seed


class Judged(NamedTuple):
    outcome: str
    others: tuple[str, ...]


def judge_ackord(case: Case, exit_code: int | None, result: Json | None) -> Judged:
    """What a run of ``ackord certify`` found. ``result`` is its result.json; ``None`` if there is none.

    Exit code 3, inconclusive, has found nothing on a flawed provider and has not passed a correct one.
    """
    if exit_code not in (0, 1, 3) or result is None:
        return Judged(BROKEN, ())
    violated = {g["id"] for p in result["profiles"] for g in p["guarantees"] if g["result"] in ("VIOLATED", "UNSAFE")}
    others = tuple(sorted(violated - {case.guarantee}))
    if not case.correct:
        return Judged(FOUND if exit_code == 1 and case.guarantee in violated else MISSED, others)
    if violated or exit_code == 1:
        return Judged(FALSE_ALARM, others)
    return Judged(QUIET if exit_code == 0 else BROKEN, others)


def judge_peer(case: Case, exit_code: int | None, report: Json | None) -> Judged:
    """What a run of Schemathesis found. ``report`` is its JSON run report; ``None`` if there is none."""
    if exit_code not in (0, 1) or report is None or report["phases"]["stateful"]["status"] == "skip":
        return Judged(BROKEN, ())
    reported = {failure["type"] for failure in report["failures"]}
    others = tuple(sorted(reported - case.peer_failures))
    if case.correct:
        return Judged(FALSE_ALARM if exit_code else QUIET, others)
    return Judged(FOUND if reported & case.peer_failures else MISSED, others)
