"""The flaws of cancels and refunds, and of statements, are found with many seeds, and the correct provider holds with all
of them.
"""

from __future__ import annotations

import pytest

from ackord.providers.flaw_texts import TAKING_BACK_FLAWS
from ackord.providers.statement_flaw_texts import STATEMENT_FLAWS
from ackord.simulation.simulation import simulate

from ..tiers import gate

SEEDS = list(range(1, 21))
SUBJECTS = {"taking-back": TAKING_BACK_FLAWS, "statements": STATEMENT_FLAWS}
FLAWS = [
    pytest.param(flaw, guarantee, id=f"{subject}-{flaw}")
    for subject, texts in SUBJECTS.items()
    for flaw, guarantee, *_ in texts
]


@pytest.mark.parametrize("seed", gate(SEEDS, [1]))
@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_correct_provider_holds(subject: str, seed: int) -> None:
    guarantees = tuple(dict.fromkeys(guarantee for _, guarantee, *_ in SUBJECTS[subject]))
    report = simulate(seed=seed, examples=30, guarantees=guarantees)
    assert report.violation is None, report.violation
    assert min(report.exposures[guarantee] for guarantee in guarantees) >= 10


@pytest.mark.full
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("flaw", "guarantee"), FLAWS)
def test_a_flaw_is_found_with_every_seed(flaw: str, guarantee: str, seed: int) -> None:
    report = simulate(flaw, seed=seed, examples=300, guarantees=(guarantee,), shrink=False)
    assert report.violation is not None
    assert report.violation.guarantee == guarantee
