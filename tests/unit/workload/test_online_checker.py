"""Exchanges of another tool, one by one: when one proves that a guarantee is broken, and when it proves nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.contract.loading.loader import load_contract
from ackord.core.history import Exchange
from ackord.core.operation import OperationKind
from ackord.workload.online_checker import OnlineChecker

VISIBLE, NOT_FAILED, SAME = "acknowledged-order-visible", "acknowledged-order-not-failed", "resubmission-same-order"
OURS, THEIRS = "Bearer sk_main", "Bearer sk_other"
NUMBER = "M-20240601-000001"


class Tool:
    """What some tool sends to a reference provider; every exchange begins after the one before is complete, unless
    told.
    """

    def __init__(self) -> None:
        self.watcher = OnlineChecker(load_contract("reference"))
        self.at_ns = 0

    def exchange(
        self,
        method: str,
        target: str,
        body: Any,
        status: int,
        answer: Any,
        key: str = OURS,
        began_ns: int | None = None,
    ) -> Exchange | None:
        self.at_ns += 10
        sent = b"" if body is None else json.dumps(body).encode()
        request = HttpRequest(method, target, (("Authorization", key), ("Content-Type", "application/json")), sent)
        given = HttpResponse(status, {"content-type": "application/json"}, json.dumps(answer).encode())
        begin_ns = self.at_ns - 5 if began_ns is None else began_ns
        return self.watcher.saw(request, given, begin_ns, self.at_ns)

    def submit(self, status: int = 202, *, amount: int = 100, number: str = NUMBER, **answer: Any) -> Exchange | None:
        body = {"order_no": number, "amount": amount, "currency": "EUR", "payee": "p"}
        given = {"status": "ACCEPTED", "provider_id": "po_1", "amount": amount} if status < 300 else {"code": "X"}
        return self.exchange("POST", "/v1/orders", body, status, given | answer)

    def query(self, status: int = 200, *, number: str = NUMBER, shows: str = "ACCEPTED", **how: Any) -> Exchange | None:
        given = {"status": shows, "provider_id": "po_1"} if status < 300 else {"code": "ORDER_NOT_FOUND"}
        return self.exchange("GET", f"/v1/orders/{number}", None, status, given, **how)

    def broken(self, guarantee: str, exchange: Exchange | None) -> str:
        assert exchange is not None
        return self.watcher.broken(guarantee, exchange)


@pytest.fixture
def tool() -> Tool:
    return Tool()


def test_not_found_after_the_acknowledgement_is_told(tool: Tool) -> None:
    tool.submit()
    told = tool.broken(VISIBLE, tool.query(404))
    assert told.startswith(f"order {NUMBER}: query 2 began 5 ns after the acknowledgement (submit 1)")


def test_every_not_found_is_told_once(tool: Tool) -> None:
    """A tool that shrinks what it found asks again, and must find it again."""
    tool.submit()
    first = tool.query(404)
    assert tool.broken(VISIBLE, first)
    assert not tool.broken(VISIBLE, first)
    assert not tool.broken(VISIBLE, tool.query())
    assert "query 4" in tool.broken(VISIBLE, tool.query(404))


def test_what_began_before_the_acknowledgement_proves_nothing(tool: Tool) -> None:
    tool.submit()
    assert not tool.broken(VISIBLE, tool.query(404, began_ns=tool.at_ns))


def test_another_account_s_or_nobody_s_query_proves_nothing(tool: Tool) -> None:
    tool.submit()
    for key in (THEIRS, "Bearer made-up"):
        assert not tool.broken(VISIBLE, tool.query(404, key=key))


def test_another_order_s_query_is_of_no_order(tool: Tool) -> None:
    tool.submit()
    assert tool.query(404, number="M-20240601-000002") is None


def test_a_history_begins_with_an_acknowledgement(tool: Tool) -> None:
    """What was refused before, with whatever payload, is not the order's."""
    assert tool.submit(400, amount=0) is None
    assert tool.query(404) is None
    again = tool.submit()
    assert again is not None and again.kind is OperationKind.SUBMIT
    assert tool.broken(VISIBLE, tool.query(404))


def test_a_failure_that_goes_on_is_told_when_that_shows(tool: Tool) -> None:
    tool.submit()
    assert not tool.broken(NOT_FAILED, tool.query(shows="FAILED"))
    assert "goes on" in tool.broken(NOT_FAILED, tool.query(shows="PAID"))


def test_the_same_payload_is_the_same_order(tool: Tool) -> None:
    tool.submit()
    assert not tool.broken(SAME, tool.submit(200))
    assert "another order, po_2 instead of po_1" in tool.broken(SAME, tool.submit(200, provider_id="po_2"))


def test_a_refusal_of_the_same_payload_is_told_and_of_another_is_not(tool: Tool) -> None:
    tool.submit()
    assert not tool.broken(SAME, tool.submit(409, amount=101, code="ORDER_CONFLICT"))
    assert "reads as failed" in tool.broken(SAME, tool.submit(409, code="ORDER_CONFLICT"))


def test_what_is_no_operation_of_the_contract_is_of_no_order(tool: Tool) -> None:
    assert tool.exchange("GET", "/v1/balance", None, 200, {}) is None
    assert tool.exchange("GET", "/v1/movements", None, 200, {}) is None
    assert tool.exchange("POST", "/v1/orders", ["?"], 422, {}) is None
