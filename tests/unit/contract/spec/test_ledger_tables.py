"""A ledger by its source: which is meant, and what one cannot say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ackord.contract.spec.ledger import LedgerSpec
from ackord.contract.spec.ledger_tables import CommandLedgerSpec, SqlLedgerSpec
from ackord.contract.spec.model import Contract

from ..support import SMALL, document

SQL: dict[str, Any] = {"sql": {"dsn": "postgresql://x/y", "query": "SELECT 1"}}
COMMAND: dict[str, Any] = {"command": ["moves"], "prints": "csv"}


def contract(ledger: Any, **more: Any) -> Contract:
    return Contract.model_validate({**document(SMALL).data, "ledger": ledger, **more})


def test_the_key_says_which_it_is() -> None:
    kinds = [type(contract(ledger).ledger) for ledger in (document(SMALL).data["ledger"], SQL, COMMAND)]
    assert kinds == [LedgerSpec, SqlLedgerSpec, CommandLedgerSpec]
    assert contract(None).ledger is None
    copy = contract(SQL)
    assert type(Contract.model_validate({**dict(copy), "ledger": copy.ledger}).ledger) is SqlLedgerSpec


@pytest.mark.parametrize(
    ("ledger", "by_order"),
    [
        (SQL, False),
        ({"sql": {"dsn": "x", "query": "SELECT 1 WHERE ref = ${order_no}"}}, True),
        ({"sql": {"dsn": "x", "query": "SELECT 1 WHERE ref = ${provider_id}::uuid"}}, True),
        ({"sql": {"dsn": "x", "query": "SELECT 'EUR' WHERE ref = ${order_no} AND kind = 'paid'"}}, True),
        (COMMAND, False),
        ({"command": ["moves", "--of=${order_no.uuid}"], "prints": "json_lines"}, True),
    ],
)
def test_an_order_in_it_makes_it_a_ledger_by_order(ledger: Any, by_order: bool) -> None:
    found = contract(ledger).ledger
    assert found is not None and found.by_order is by_order


def test_returns_are_shown_where_the_contract_says_so() -> None:
    extract = {"movement_id": "$.id", "order_no": "$.no", "amount_minor": "$.cents"}
    for more, shown in (({}, False), ({"extract": extract}, False), ({"extract": {**extract, "kind": "$.k"}}, True)):
        assert contract({**SQL, **more}).to_promises().ledger_shows_returns is shown


def test_any_source_of_movements_is_a_ledger_to_the_judge() -> None:
    statement = {
        "request": {"method": "GET", "path": "/s"},
        "rows": "$.rows",
        "columns": {"movement_id": "$.id", "order_no": "$.no", "amount": "$.cents"},
    }
    assert contract(SQL).to_promises().has_ledger
    assert contract(None, statement=statement).to_promises().has_ledger
    assert not contract(None).to_promises().has_ledger


@pytest.mark.parametrize(
    ("ledger", "words"),
    [
        ({**SQL, **COMMAND}, "there is no such field"),
        ({**COMMAND, "csv": {"head_rows": 0}}, "the table has no names"),
        ({**COMMAND, "prints": "json_lines", "csv": {}}, "it prints json_lines"),
        ({**COMMAND, "command": ["${order_no}"]}, "the program's name holds a variable"),
        ({**COMMAND, "command": []}, "at least 1"),
        ({"command": ["moves"]}, "prints"),
        ({"sql": {"dsn": "x", "query": "SELECT 1 WHERE ref = '${order_no}'"}}, "stands between quotes"),
        ({**SQL, "extract": {"movement_id": "$.id", "amount_minor": "$.a"}}, "a row must say whose it is"),
        ({**SQL, "account": "nobody"}, "is not one of the accounts"),
    ],
)
def test_what_cannot_be_is_refused(ledger: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        contract(ledger)
