"""Facts of parts add up to those of the run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ackord.core.event import FaultChange, LedgerRead, UnknownMovements
from ackord.core.history import History
from ackord.scale.run_facts import PartHistory, RunFacts

from ..guarantees.build import history, order

READS = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "503", "timed out"])), max_size=12)


@given(READS)
def test_readings_of_a_ledger_by_order(reads: list[tuple[str, str]]) -> None:
    events = [LedgerRead(i, 0, problem, None, of) for i, (of, problem) in enumerate(reads)]
    whole = History(history().header, list(events))
    total = RunFacts()
    for part in ("c", "a", "b"):
        facts = RunFacts()
        facts.add_events([(i, e) for i, e in enumerate(events) if e.order == part])
        total.merge(facts)
    found = PartHistory(whole.header, [], total, complete=True)
    assert found.ledger_unread == whole.ledger_unread
    assert (found.ledger_was_read, found.ledger_problem) == (whole.ledger_was_read, whole.ledger_problem)


def test_what_is_told_of_the_whole() -> None:
    one, other = RunFacts(), RunFacts()
    one.add_events([(3, FaultChange(1, "crash", "fired", "edge", 4, {})), (4, UnknownMovements(2, 7))])
    other.add_events([(9, UnknownMovements(5, 2))])
    one.add_time(5, 9)
    other.add_time(1, 6)
    one.merge(other)
    told = PartHistory(history().header, history(order("A").submit(0, 1)).events, one, complete=True)
    assert (told.effective_faults, told.unknown_movements, one.elapsed_ns) == (frozenset({"crash"}), 2, 8)
    assert [o.number for o in told.orders] == ["A"] and told.outcome_counts() == {} and not told.merchant_is_blind
    assert told.nodes_asked == frozenset()
