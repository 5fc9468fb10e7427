"""Providers of other authors over PostgreSQL, whose queries a process of its own answers from a standby: the lag on
their own replication link is found where a merchant can see it, and nothing is where none can: without lag behind a
slow system (a fast one shows what every standby lags by itself), and with lag that commits wait for.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ackord.core.verdict import Result
from ackord.run.session import Session

from ..tiers import gate
from .real_systems import broken, lag_ms, played, session

VISIBLE = "acknowledged-order-visible"
LAG_MS = {"lnbits": 1000, "five-bells": 300}
"""Far longer than the system itself needs from writing an order to answering, and from a query to reading, also on a
busy machine: what a shorter lag shows is measured in docs/EVIDENCE.md.
"""
SHORT_MS = (5, 1)
"""Found in transfers that wait for a condition, which Five Bells Ledger acknowledges as soon as they are written."""
SEEDS = [1, pytest.param(20, marks=pytest.mark.full)]


@pytest.fixture(scope="module", params=gate(LAG_MS, ["lnbits"]))
def system(request: pytest.FixtureRequest) -> Iterator[tuple[Session, int]]:
    lag = LAG_MS[request.param]
    with session(request.param, "STANDBY", [lag, 0]) as started:
        yield started, lag


@pytest.mark.parametrize("seeds", SEEDS)
def test_lag_on_the_link_of_a_system_is_found(system: tuple[Session, int], seeds: int) -> None:
    started, lag = system
    for result in played(started, lag, range(1, seeds + 1)):
        measured = lag_ms(result)
        assert measured is not None
        assert measured >= lag
        assert broken(result) == [f"{VISIBLE}: VIOLATED"], result.verdict.seed


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("system", ["lnbits"], indirect=True)
def test_a_system_without_lag_holds_though_it_reads_a_standby(system: tuple[Session, int], seeds: int) -> None:
    started, _ = system
    for result in played(started, 0, range(1, seeds + 1)):
        assert result.verdict.result is Result.HELD, broken(result)
        assert result.verdict.of(VISIBLE).exposures


@pytest.mark.full
@pytest.mark.parametrize("seeds", [1, 20])
def test_a_lag_that_every_commit_waits_for_is_measured_and_breaks_nothing(seeds: int) -> None:
    with session("five-bells-held", "SYNCHRONOUS", [100]) as started:
        for result in played(started, 100, range(1, seeds + 1)):
            measured = lag_ms(result)
            assert measured is not None
            assert measured >= 100
            assert result.verdict.result is Result.HELD, broken(result)


@pytest.mark.full
def test_a_lag_of_milliseconds_is_found() -> None:
    with session("five-bells-held", "STANDBY", SHORT_MS, orders=120) as started:
        for ms in SHORT_MS:
            said = [broken(result) for result in played(started, ms, range(1, 6))]
            assert [f"{VISIBLE}: VIOLATED"] in said
            assert all(words in ([], [f"{VISIBLE}: VIOLATED"]) for words in said)
