"""Every refusal has words, and a status where a contract has none."""

from __future__ import annotations

from ackord.contract.emulate.domain_responses import RefusalKind
from ackord.contract.emulate.refusals import REFUSALS


def test_every_refusal_can_be_said() -> None:
    assert set(REFUSALS) == set(RefusalKind)
    assert all(observations and 400 <= status <= 503 for observations, status in REFUSALS.values())
