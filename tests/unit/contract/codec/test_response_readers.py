"""The readers of a contract: one for each operation about one order, and the headers that they need."""

from __future__ import annotations

import pytest

from ackord.contract.base.contract_error import ContractError
from ackord.contract.codec.response_readers import headers_read, response_readers
from ackord.contract.spec.model import Contract
from ackord.core.operation import OperationKind

CONTRACT = {
    "provider": "small",
    "version": 1,
    "environment": "sandbox",
    "accounts": {"main": {}},
    "submit": {
        "request": {"method": "POST", "path": "/orders"},
        "answers": [{"when": {"status": 200, "header.X-Kind": "order"}, "observation": "ACK"}],
        "extract": {"provider_id": "header.Location"},
        "replay_marker": {"header.X-Replayed": "true"},
    },
    "query": {
        "request": {"method": "GET", "path": "/orders"},
        "rows": "$.data",
        "match": {"$row.no": "${order_no}"},
        "answers": [
            {"when": {"$row": {"exists": True}}, "observation": "STATUS"},
            {"when": {"status": 200}, "observation": "NOT_FOUND"},
        ],
    },
    "states": {"PAID": "SUCCEEDED"},
}


def test_a_resubmission_is_read_as_a_submit_and_what_the_contract_lacks_has_no_reader() -> None:
    readers = response_readers(Contract.model_validate(CONTRACT))
    assert set(readers) == {OperationKind.SUBMIT, OperationKind.RESUBMIT, OperationKind.QUERY}
    assert readers[OperationKind.RESUBMIT] is readers[OperationKind.SUBMIT]


def test_headers_of_conditions_facts_and_the_marker_are_read() -> None:
    assert headers_read(Contract.model_validate(CONTRACT)) == {"x-kind", "location", "x-replayed"}


def test_a_row_is_matched_by_one_variable() -> None:
    query = {**CONTRACT["query"], "match": {"$row.no": "no-${order_no}"}}  # type: ignore[dict-item]
    with pytest.raises(ContractError, match="not exactly one variable"):
        response_readers(Contract.model_validate({**CONTRACT, "query": query}))
