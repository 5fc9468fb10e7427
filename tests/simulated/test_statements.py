"""The flaws of statements are found with many seeds, and the correct provider holds with all of them."""

from __future__ import annotations

import pytest

from ackord.providers.statement_flaw_texts import STATEMENT_FLAWS
from ackord.simulation.simulation import simulate

from ..tiers import gate

SEEDS = list(range(1, 21))
GUARANTEES = tuple(dict.fromkeys(guarantee for _, guarantee, *_ in STATEMENT_FLAWS))


@pytest.mark.parametrize("seed", gate(SEEDS, [1]))
def test_the_correct_provider_holds(seed: int) -> None:
    report = simulate(seed=seed, examples=30, guarantees=GUARANTEES)
    assert report.violation is None, report.violation
    assert min(report.exposures[guarantee] for guarantee in GUARANTEES) >= 10


@pytest.mark.full
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("flaw", "guarantee"), [texts[:2] for texts in STATEMENT_FLAWS])
def test_a_flaw_is_found_with_every_seed(flaw: str, guarantee: str, seed: int) -> None:
    report = simulate(flaw, seed=seed, examples=300, guarantees=(guarantee,), shrink=False)
    assert report.violation is not None
    assert report.violation.guarantee == guarantee
