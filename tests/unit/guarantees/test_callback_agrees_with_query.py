"""Callback agrees with query: histories on each side of its edge."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.core.payment_state import TERMINAL, LaterEdge, PaymentState
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.guarantees.callback_agrees_with_query import ID

from .build import judged, order
from .cases import Case, check, table

RETURNS = Promises(later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED, 1),))


@table(
    Case("they agree", "held", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").called(8, "SUCCEEDED")),
    Case(
        "the callback says otherwise", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").called(8, "FAILED")
    ),
    Case("the query says otherwise", "VIOLATED", lambda o: o.submit(0, 5).called(6, "FAILED").query(7, 8, "SUCCEEDED")),
    Case(
        "two callbacks contradict each other",
        "VIOLATED",
        lambda o: o.submit(0, 5).called(6, "FAILED").called(7, "SUCCEEDED"),
    ),
    Case("twice the same", "held", lambda o: o.submit(0, 5).called(6, "SUCCEEDED").called(7, "SUCCEEDED")),
    Case(
        "the end came before the beginning",
        "held",
        lambda o: o.submit(0, 5).called(3, "SUCCEEDED").called(7, "PROCESSING").query(8, 9, "SUCCEEDED"),
    ),
    Case("a declared edge", "held", lambda o: o.submit(0, 5).called(6, "RETURNED").query(7, 8, "SUCCEEDED"), RETURNS),
    Case(
        "a declared edge, the other way round",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "RETURNED").called(8, "SUCCEEDED"),
        RETURNS,
    ),
    Case("nothing to compare it with", "none", lambda o: o.submit(0, 5).called(6, "SUCCEEDED")),
    Case("no end was called back", "none", lambda o: o.submit(0, 5).called(6, "PROCESSING").query(7, 8, "SUCCEEDED")),
    Case("no callback", "none", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").query(8, 9, "FAILED")),
    Case(
        "a number of two accounts",
        "none",
        lambda o: o.submit(0, 5).submit(0, 5, account="theirs").query(6, 7, "SUCCEEDED").called(8, "FAILED"),
    ),
    Case(
        "a number of two payloads",
        "none",
        lambda o: o.submit(0, 5).resubmit(6, 7, payload="p2").query(8, 9, "SUCCEEDED").called(10, "FAILED"),
    ),
    Case(
        "each submit is an order of its own",
        "none",
        lambda o: o.submit(0, 5).resubmit(6, 7).query(8, 9, "SUCCEEDED").called(10, "FAILED"),
        Promises(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_names_both() -> None:
    one = order().submit(0, 5).query(6, 7, "SUCCEEDED", detail="200 PAID").called(8, "DECLINED")
    exposures, [found] = judged(ID, one)
    assert exposures == 1
    assert "(200 PAID (SUCCEEDED)) showed SUCCEEDED; callback status showed DECLINED" in found.summary


ENDS = sorted(TERMINAL)
_edges = st.sets(st.tuples(st.sampled_from(ENDS), st.sampled_from(ENDS)).filter(lambda e: e[0] is not e[1]), max_size=5)
_states = st.lists(st.sampled_from([PaymentState.PROCESSING, *ENDS]), max_size=6)


def _reached(source: PaymentState, edges: set[tuple[PaymentState, PaymentState]]) -> set[PaymentState]:
    """Every state that declared edges lead to, by itself or over others."""
    found = {source}
    while more := {b for a, b in edges if a in found} - found:
        found |= more
    return found


def _told(edges: set[tuple[PaymentState, PaymentState]], called: list[PaymentState], shown: list[PaymentState]) -> int:
    """How many findings there are; callbacks and queries come in the order of the lists, by turns."""
    one = order().submit(0, 5)
    for at, state in enumerate(called):
        one.called(10 + 20 * at, state.name)
    for at, state in enumerate(shown):
        one.query(11 + 20 * at, 12 + 20 * at, state.name)
    promises = Promises(later_edges=tuple(LaterEdge(a, b) for a, b in sorted(edges)))
    return len(judged(ID, one, promises)[1])


@settings(max_examples=200, deadline=None)
@given(edges=_edges, data=st.data())
def test_no_order_of_arrival_makes_a_finding_of_one_life(
    edges: set[tuple[PaymentState, PaymentState]], data: st.DataObject
) -> None:
    """An order goes through states, by declared edges alone once it has ended. Each state is called back and shown any
    number of times, early, late, twice and in any order.
    """
    life = [PaymentState.PROCESSING, data.draw(st.sampled_from(ENDS))]
    for _ in range(4):
        onward = sorted(b for a, b in edges if a is life[-1])
        if onward:
            life.append(data.draw(st.sampled_from(onward)))
    told = st.lists(st.sampled_from(life), max_size=8)
    assert _told(edges, data.draw(told), data.draw(told)) == 0


@settings(max_examples=200, deadline=None)
@given(edges=_edges, called=_states, shown=_states, data=st.data())
def test_what_no_life_explains_is_found_in_whatever_order_it_comes(
    edges: set[tuple[PaymentState, PaymentState]],
    called: list[PaymentState],
    shown: list[PaymentState],
    data: st.DataObject,
) -> None:
    contradiction = any(
        b not in _reached(a, edges) and a not in _reached(b, edges)
        for a in called
        for b in (*called, *shown)
        if a in TERMINAL and b in TERMINAL
    )
    assert bool(_told(edges, called, shown)) == contradiction
    again = _told(edges, data.draw(st.permutations(called * 2)), data.draw(st.permutations(shown)))
    assert bool(again) == contradiction, "twice, and in another order"
