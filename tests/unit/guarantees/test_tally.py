"""Tallies of parts add up to that of the whole, in whatever sequence the parts come."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.core.verdict import Finding, Result
from ackord.guarantees import GUARANTEES
from ackord.guarantees.base import Guarantee
from ackord.guarantees.tally import FINDINGS_KEPT, GuaranteeTally

from .build import history

GUARANTEE = GUARANTEES.get("acknowledged-order-visible")
RESULTS = st.sampled_from([Result.VIOLATED, Result.UNSAFE])


def found(i: int, result: Result, stale: int, cause: str) -> Finding:
    return Finding(GUARANTEE.id, f"o{i}", "ours", result, "late", 5, stale, ((i, 0),), follows_from=cause)


def tallied(findings: list[tuple[int, Finding]]) -> GuaranteeTally[Guarantee]:
    tally = GuaranteeTally(GUARANTEE)
    for i, finding in findings:
        tally.add(2, [finding], (0, i))
        if finding.staleness_ns == 3:
            tally.crashed(finding.order, ValueError("x"), (0, i))
    return tally


@settings(max_examples=50)
@given(st.lists(st.tuples(RESULTS, st.integers(0, 9), st.sampled_from(["", "a", "b"])), max_size=300), st.randoms())
def test_parts_add_up(drawn: list[tuple[Result, int, str]], r: random.Random) -> None:
    findings = [(i, found(i, *some)) for i, some in enumerate(drawn)]
    parts = [findings[n::5] for n in range(5)]
    r.shuffle(parts)
    total = GuaranteeTally(GUARANTEE)
    for part in parts:
        total.merge(tallied(part))
    whole = tallied(findings)
    assert total.verdict(history()) == whole.verdict(history())
    assert total.error == whole.error and len(total.findings) <= FINDINGS_KEPT
