"""Retry-After, storms, and slowing down."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.core.event import Complete
from ackord.core.operation import Vantage

from ..build import Order, order
from .build import SETTLE, findings, judged, result_of

ID = "merchant-polls-politely"


def answered(one: Order, status: int, **headers: str) -> Order:
    """Give the order's last answer to the merchant a status and headers."""
    kept: dict[str, Any] = {"status": status, "headers": headers, "body": "", "truncated": False}
    one.events = [
        e._replace(answer=kept) if isinstance(e, Complete) and e.op == _last_op(one) else e for e in one.events
    ]
    return one


def _last_op(one: Order) -> int:
    return max(e.op for e in one.events if isinstance(e, Complete) and e.vantage is Vantage.MERCHANT)


def end(one: Order) -> Order:
    return one.query(SETTLE + 1, SETTLE + 2, "SUCCEEDED")


@pytest.mark.parametrize(("again_ms", "expected"), [(500, "VIOLATED"), (1940, "VIOLATED"), (1990, "held")])
def test_retry_after_is_waited_for(again_ms: float, expected: str) -> None:
    one = answered(order("A").submit(0, 10, "RETRYABLE"), 503, **{"retry-after": "2"})
    assert result_of(ID, end(one.resubmit(10 + again_ms, 20 + again_ms))) == expected


def test_the_finding_says_how_long() -> None:
    one = answered(order("A").submit(0, 10, "RETRYABLE"), 503, **{"retry-after": "2"})
    (found,) = findings(ID, end(one.resubmit(110, 120)))
    assert "told to wait 2 s (Retry-After) and called again after 100 ms" in found.summary


@pytest.mark.parametrize("told", ["Wed, 21 Oct 2026 07:28:00 GMT", "soon", "", "-1"])
def test_what_is_no_number_of_seconds_says_nothing(told: str) -> None:
    one = answered(order("A").submit(0, 10, "RETRYABLE"), 503, **{"retry-after": told})
    assert result_of(ID, end(one.resubmit(15, 25))) == "held"


@pytest.mark.parametrize(("calls", "every_ms", "expected"), [(11, 50, "VIOLATED"), (10, 50, "held"), (30, 110, "held")])
def test_a_storm_is_more_than_ten_calls_a_second(calls: int, every_ms: float, expected: str) -> None:
    one = order("A").submit(0, 5)
    for n in range(1, calls):
        one.query(n * every_ms, n * every_ms + 5)
    assert result_of(ID, end(one)) == expected


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ((200, 200, 200), "VIOLATED"),
        ((200, 300, 450), "held"),
        ((1000, 1000, 1000), "held"),
        ((200, 200), "held"),
    ],
)
def test_who_is_refused_slows_down(waits: tuple[float, ...], expected: str) -> None:
    one = answered(order("A").submit(0, 10, "RETRYABLE"), 429)
    at = 10.0
    for wait in waits:
        at += wait
        answered(one.resubmit(at, at + 10, "RETRYABLE"), 429)
        at += 10
    assert result_of(ID, end(one)) == expected


def test_one_call_shows_nothing() -> None:
    verdict = judged(end(order("A").submit(0, 5))).of(ID)
    assert verdict.exposures == 0 and "twice" in verdict.reason
