"""Each simulated flaw of statements is another provider than the correct one, in its statement alone."""

from __future__ import annotations

from ackord.simulation.simulated_provider import SimulatedProvider
from ackord.simulation.simulated_statement_flaws import SIMULATED_STATEMENT_FLAWS
from ackord.simulation.simulated_statements import SimulatedStatements


def test_each_has_a_statement_of_its_own() -> None:
    kinds = [flaw.statements_of for flaw in SIMULATED_STATEMENT_FLAWS.values()]
    assert len(set(kinds)) == len(kinds) == 10
    assert SimulatedStatements not in kinds
    assert all(flaw.query is SimulatedProvider.query for flaw in SIMULATED_STATEMENT_FLAWS.values())
