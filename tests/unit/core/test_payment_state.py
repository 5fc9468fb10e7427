"""The table of payment states holds together."""

from __future__ import annotations

from ackord.core.payment_state import MONEY_MOVED, NO_MONEY, RANK, TERMINAL, LaterEdge, PaymentState

S = PaymentState


def test_every_state_has_a_rank() -> None:
    assert len(RANK) == len(S)
    assert RANK[S.UNKNOWN] < RANK[S.NOT_FOUND] < RANK[S.RECEIVED] < RANK[S.PROCESSING]


def test_ranks_rise_with_the_values() -> None:
    assert list(RANK) == sorted(RANK)


def test_terminal_states_rank_alike_and_a_return_above_them() -> None:
    assert {RANK[s] for s in TERMINAL - {S.RETURNED}} == {RANK[S.PROCESSING] + 1}
    assert RANK[S.RETURNED] == RANK[S.SUCCEEDED] + 1
    assert {s for s in S if RANK[s] > RANK[S.PROCESSING]} == TERMINAL


def test_a_terminal_state_says_whether_money_moved() -> None:
    assert MONEY_MOVED | NO_MONEY == TERMINAL
    assert not MONEY_MOVED & NO_MONEY


def test_an_edge_is_open_for_ever_by_default() -> None:
    assert LaterEdge(S.SUCCEEDED, S.RETURNED).within_ns is None
