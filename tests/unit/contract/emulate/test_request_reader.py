"""What a parsed request asks of the provider, and values that make no order."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.contract.codec.request_parser import ParsedRequest
from ackord.contract.emulate.domain_requests import OrderActionRequest, QueryRequest, SubmitRequest
from ackord.contract.emulate.domain_responses import ReceivedOrder
from ackord.contract.emulate.request_reader import cursor_of, domain_request
from ackord.core.operation import OperationKind

from ..support import codec

CONTRACT = codec().contract
VALUES = {"order_no": "A-1", "currency": "eur", "payee": "someone"}


def submitted(**values: Any) -> ReceivedOrder:
    asked = domain_request(CONTRACT, ParsedRequest(OperationKind.SUBMIT, {**VALUES, **values}), "main")
    assert isinstance(asked, SubmitRequest)
    return asked.submission


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        ({"amount.minor": 1999}, 1999),
        ({"amount.minor": "1999"}, 1999),
        ({"amount.major": "19.99"}, 1999),
        ({"amount.number": 19.99}, 1999),
        ({"amount.minor": 5, "amount.major": "19.99"}, 5),
    ],
)
def test_an_amount_is_in_minor_units(amount: dict[str, Any], minor: int) -> None:
    assert submitted(**amount) == ReceivedOrder("A-1", minor, "EUR", "someone")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"order_no": ""}, "no order number"),
        ({}, "no amount"),
        ({"amount.minor": 0}, "cannot be paid"),
        ({"amount.minor": -1}, "cannot be paid"),
        ({"amount.minor": 1 << 62}, "cannot be paid"),
        ({"amount.minor": "many"}, "invalid literal"),
    ],
)
def test_what_makes_no_order_is_refused(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        submitted(**values)


def test_other_operations_name_the_order_by_either_number() -> None:
    query = domain_request(CONTRACT, ParsedRequest(OperationKind.QUERY, {"order_no.uuid": "A-2"}), "main")
    assert query == QueryRequest("main", "A-2", "", "")
    cancel = domain_request(CONTRACT, ParsedRequest(OperationKind.CANCEL, {"provider_id": "po_1"}), "main")
    assert cancel == OrderActionRequest("main", OperationKind.CANCEL, "", "po_1")


def test_a_page_without_a_cursor_is_the_first() -> None:
    assert [cursor_of(values) for values in ({}, {"cursor": None}, {"cursor": 40})] == ["", "", "40"]
