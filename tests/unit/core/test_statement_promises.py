"""What a contract says of its statements survives the journal; contracts without one say nothing."""

from __future__ import annotations

import json

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.core.promises import Promises
from ackord.core.statement_promises import StatementPromises


def test_they_survive_the_journal() -> None:
    told = StatementPromises(whole_after_ns=5, grows=False, paging="row", dated=False)
    assert StatementPromises.from_json(json.loads(json.dumps(told.to_json()))) == told
    promises = Promises(statement=told)
    assert Promises.from_json(json.loads(json.dumps(promises.to_json()))) == promises


def test_a_contract_without_a_statement_has_the_header_that_it_had() -> None:
    assert "statement" not in Promises().to_json()
    assert Promises.from_json(Promises().to_json()).statement is None


@pytest.mark.parametrize(
    ("contract", "told"),
    [
        ("reference", StatementPromises(500_000_000, False, "cursor", True, True, True, True, True)),
        ("stripe-payouts", None),
    ],
)
def test_of_shipped_contracts(contract: str, told: StatementPromises | None) -> None:
    assert load_contract(contract, env=PlaceholderEnv()).codec.promises.statement == told
