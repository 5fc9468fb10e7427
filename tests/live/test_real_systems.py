"""Providers of other authors over PostgreSQL, whose queries a process of its own answers from a standby: the lag on
their own replication link is found where a merchant can see it, and without lag nothing is.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ackord.core.verdict import Result
from ackord.run.session import Session

from .real_systems import broken, lag_ms, played, session

VISIBLE = "acknowledged-order-visible"
LAG_MS = 1000
"""Far longer than LNbits itself needs from writing an order to answering, and from a query to reading, also on a busy
machine: what a shorter lag shows is measured in docs/EVIDENCE.md.
"""
SEEDS = [1, pytest.param(20, marks=pytest.mark.full)]


@pytest.fixture(scope="module")
def lnbits() -> Iterator[Session]:
    with session("lnbits", "STANDBY", [LAG_MS, 0]) as started:
        yield started


@pytest.mark.parametrize("seeds", SEEDS)
def test_lag_on_the_link_of_lnbits_is_found(lnbits: Session, seeds: int) -> None:
    for result in played(lnbits, LAG_MS, range(1, seeds + 1)):
        measured = lag_ms(result)
        assert measured is not None
        assert measured >= LAG_MS
        assert broken(result) == [f"{VISIBLE}: VIOLATED"], result.verdict.seed


@pytest.mark.parametrize("seeds", SEEDS)
def test_lnbits_without_lag_holds_though_it_reads_a_standby(lnbits: Session, seeds: int) -> None:
    for result in played(lnbits, 0, range(1, seeds + 1)):
        assert result.verdict.result is Result.HELD, broken(result)
        assert result.verdict.of(VISIBLE).exposures
