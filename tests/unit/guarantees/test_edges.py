"""Paths of later edges and when they close."""

from __future__ import annotations

from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.guarantees.edges import ALWAYS_NS, NEVER_NS, LaterEdges

S = PaymentState
CHAIN = LaterEdges([LaterEdge(S.SUCCEEDED, S.RETURNED, 10), LaterEdge(S.RETURNED, S.FAILED, 100)])


def test_without_edges_there_is_no_way() -> None:
    assert LaterEdges([]).open_until_ns(S.SUCCEEDED, S.RETURNED, {}) == NEVER_NS
    assert not LaterEdges([]).declared(S.PROCESSING, S.SUCCEEDED)


def test_an_edge_closes_after_the_first_sight_of_its_source() -> None:
    assert CHAIN.open_until_ns(S.SUCCEEDED, S.RETURNED, {S.SUCCEEDED: 5}) == 15
    assert CHAIN.open_until_ns(S.RETURNED, S.SUCCEEDED, {}) == NEVER_NS


def test_an_edge_without_a_horizon_is_open_for_ever() -> None:
    assert (
        LaterEdges([LaterEdge(S.SUCCEEDED, S.RETURNED)]).open_until_ns(S.SUCCEEDED, S.RETURNED, {S.SUCCEEDED: 5})
        == ALWAYS_NS
    )


def test_a_path_closes_with_its_first_hop_to_close() -> None:
    assert CHAIN.open_until_ns(S.SUCCEEDED, S.FAILED, {S.SUCCEEDED: 5}) == 15
    assert CHAIN.open_until_ns(S.SUCCEEDED, S.FAILED, {S.SUCCEEDED: 500, S.RETURNED: 20}) == 120


def test_the_path_that_stays_open_longest_counts() -> None:
    both = LaterEdges(
        [LaterEdge(S.SUCCEEDED, S.FAILED, 1), LaterEdge(S.SUCCEEDED, S.RETURNED, 9), LaterEdge(S.RETURNED, S.FAILED)]
    )
    assert both.open_until_ns(S.SUCCEEDED, S.FAILED, {S.SUCCEEDED: 100}) == 109


def test_an_open_state_advances_by_itself() -> None:
    retried = LaterEdges([LaterEdge(S.FAILED, S.PROCESSING, 10)])
    assert retried.open_until_ns(S.FAILED, S.SUCCEEDED, {S.FAILED: 1}) == 11
    assert not retried.declared(S.FAILED, S.RECEIVED)


def test_circles_end() -> None:
    circle = LaterEdges([LaterEdge(S.SUCCEEDED, S.FAILED), LaterEdge(S.FAILED, S.SUCCEEDED)])
    assert circle.declared(S.FAILED, S.SUCCEEDED)
    assert not circle.declared(S.FAILED, S.RECEIVED)
