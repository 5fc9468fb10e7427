"""What a standing gateway counts: operations by what the provider answered, faults by order, bounded."""

from __future__ import annotations

from typing import Any

from ackord.contract.loading.loader import load_contract
from ackord.report.gateway_tally import GatewayTally, SeenExchange, SeenFault

QUERY: dict[str, Any] = {
    "event": "exchange",
    "version": 2,
    "edge": "merchant",
    "op": 0,
    "copy": 0,
    "key": "",
    "node": "A",
    "begin_ns": 1,
    "complete_ns": 2,
    "status": 404,
    "headers": {"content-type": "application/json"},
    "body": '{"code":"ORDER_NOT_FOUND"}',
    "truncated": False,
    "request": {"method": "GET", "target": "/v1/orders/order-0001?x=1", "headers": {}, "body": ""},
    "faults": ["stale-reads"],
    "hold": None,
    "end": "complete",
}


def fired(order: str, **detail: Any) -> dict[str, Any]:
    told = {"operation": "query", "order": order, **detail} if order else detail
    return {
        "event": "fired", "version": 2, "edge": "merchant", "fault": "stale-reads", "op": 0, "at_ns": 3, "detail": told
    }  # fmt: skip


def test_an_exchange_is_told_by_operation_order_and_what_the_contract_reads() -> None:
    tally = GatewayTally(load_contract("reference"))
    seen = tally.take(QUERY)
    wanted = "query order-0001: GET /v1/orders/order-0001 -> 404 NOT_FOUND  under stale-reads"
    assert isinstance(seen, SeenExchange)
    assert str(seen) == wanted
    assert tally.snapshot().outcomes == {"query": {"404 NOT_FOUND": 1}}


def test_what_is_no_operation_or_got_no_answer_is_counted_too() -> None:
    tally = GatewayTally(load_contract("reference"))
    tally.take({**QUERY, "request": {**QUERY["request"], "target": "/health"}})
    tally.take({**QUERY, "status": None, "complete_ns": None, "end": "reset"})
    now = tally.snapshot()
    assert now.outcomes == {"other": {"404": 1}, "query": {"reset": 1}}
    assert now.requests == 2


def test_faults_are_counted_by_order_the_last_hit_orders_last() -> None:
    tally = GatewayTally(load_contract("reference"))
    for order in ("one", "two", "one", ""):
        seen = tally.take(fired(order, status=404))
        assert isinstance(seen, SeenFault)
        assert seen.detail == "status 404"
    now = tally.snapshot()
    assert now.faults == {"stale-reads": 4}
    assert list(now.orders.items()) == [("two", {"stale-reads": 1}), ("one", {"stale-reads": 2})]


def test_a_refusal_of_the_proxy_is_told_and_other_events_are_not() -> None:
    tally = GatewayTally(load_contract("reference"))
    assert tally.take({"event": "proxy-refused", "target": "x:443", "problem": "no"}) == "refused x:443: no"
    assert tally.take({"event": "replication"}) is None
    assert tally.snapshot().refused == ("refused x:443: no",)


def test_only_the_last_are_remembered() -> None:
    tally = GatewayTally(load_contract("reference"))
    for n in range(2000):
        tally.take(fired(f"order-{n}"))
        tally.take(QUERY)
    now = tally.snapshot()
    assert len(now.orders) == len(now.exchanges) == 12
    assert list(now.orders)[-1] == "order-1999"
