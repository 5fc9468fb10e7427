"""The simulated world: what happens to an operation on its way, to the nanosecond."""

from __future__ import annotations

import pytest

from ackord.core.clock import MS
from ackord.core.event import Begin, LedgerRead, Movement, Phase
from ackord.core.operation import Observation, OperationKind, Vantage
from ackord.core.seed import Seed
from ackord.errors import UnknownNameError
from ackord.simulation.simulated_gateway import HOLD_NS, RELEASE_NS
from ackord.simulation.simulated_system import LAG_NS, REPLICATION_FAULTS, SimulatedSystem

from .worlds import begins, changes, codec, completes, do, world

MERCHANT = Vantage.MERCHANT
AMOUNT = 100
"""Its order is taken at once, with the seed of these tests."""


def test_an_operation_is_seen_at_both_vantages_in_order() -> None:
    w = world()
    order = w.create_order(AMOUNT)
    read = do(w, order, order.submit())
    assert read is not None
    assert read.observation is Observation.ACK
    (sent,), (got,) = begins(w, 1, MERCHANT), completes(w, 1, MERCHANT)
    (reached,), (answered,) = begins(w, 1), completes(w, 1)
    assert sent.at_ns < reached.at_ns < answered.at_ns < got.at_ns
    assert sent[3:] == reached[3:]
    assert answered[4:] == got[4:]
    assert order.acknowledged


def test_operations_overlap_between_begin_and_complete() -> None:
    w = world()
    one, two = w.create_order(AMOUNT), w.create_order(AMOUNT)
    first = w.begin(one, one.submit())
    second = w.begin(two, two.submit())
    w.complete(second)
    w.complete(first)
    assert begins(w, 2, MERCHANT)[0].at_ns < completes(w, 1, MERCHANT)[0].at_ns


def test_a_query_held_for_the_acknowledgement_begins_strictly_after_it() -> None:
    w = world()
    order = w.create_order(AMOUNT)
    submit = order.submit()
    query = w.begin(order, order.query(hold=f"ack:{submit.token}"))
    do(w, order, submit)
    w.complete(query)
    assert begins(w, 1)[0].at_ns == completes(w, 2)[0].at_ns + RELEASE_NS


def test_a_submit_is_overtaken_by_the_query_that_it_waits_for() -> None:
    w = world()
    order = w.create_order(AMOUNT)
    query = order.query()
    submit = w.begin(order, order.submit(hold=f"pass:{query.token}"))
    read = do(w, order, query)
    assert read is not None
    assert read.observation is Observation.NOT_FOUND
    w.complete(submit)
    assert begins(w, 1)[0].at_ns == completes(w, 2)[0].at_ns + RELEASE_NS


def test_a_barrier_lets_all_go_in_one_instant() -> None:
    w = world()
    order = w.create_order(AMOUNT)
    started = [w.begin(order, order.submit(hold="barrier:g:4")) for _ in range(4)]
    for flight in started:
        w.complete(flight)
    assert len({begins(w, op)[0].at_ns for op in (1, 2, 3, 4)}) == 1
    assert sorted(completes(w, op)[0].detail for op in (1, 2, 3, 4)) == [
        "200 ACCEPTED",
        "200 ACCEPTED",
        "200 ACCEPTED",
        "202 ACCEPTED",
    ]


@pytest.mark.parametrize("hold", ["ack:nobody", "barrier:lonely:2"])
def test_nobody_is_held_for_ever(hold: str) -> None:
    w = world()
    order = w.create_order(AMOUNT)
    do(w, order, order.submit(hold=hold))
    waited_ns = begins(w, 1)[0].at_ns - begins(w, 1, MERCHANT)[0].at_ns
    assert HOLD_NS < waited_ns < HOLD_NS + 3 * MS


def test_a_lost_answer_leaves_work_done_and_a_merchant_in_doubt() -> None:
    w = world()
    order = w.create_order(AMOUNT)
    assert do(w, order, order.submit(inject="lost-answer")) is None
    assert order.undecided
    assert completes(w, 1)[0].observation is Observation.ACK
    assert completes(w, 1, MERCHANT)[0].observation is None
    assert changes(w, "lost-answer") == ["fired"]
    w.end_program()
    assert order.terminal
    assert [e.kind for e in w.recorder.events if type(e) is Movement] == ["payout"]


def test_a_lost_request_never_reaches_the_provider() -> None:
    w = world()
    order = w.create_order(AMOUNT)
    assert do(w, order, order.submit(inject="lost-request")) is None
    assert not begins(w, 1)
    assert not w.provider.store.orders


def test_copies_of_a_request_are_the_provider_s_affair() -> None:
    w = world()
    order = w.create_order(AMOUNT)
    do(w, order, order.submit(inject="duplicate-delivery"))
    w.wait(5 * MS)
    assert [e.copy for e in begins(w, 1)] == [0, 1]
    assert [e.detail for e in completes(w, 1)] == ["202 ACCEPTED", "200 ACCEPTED"]
    assert len(completes(w, 1, MERCHANT)) == 1


def test_injected_faults_hit_by_name_and_not_by_turn() -> None:
    def hit(others_first: int) -> list[int]:
        w = world()
        w.inject("lost-answer")
        orders = [w.create_order(AMOUNT) for _ in range(20)]
        for order in orders[:others_first]:
            do(w, order, order.query())
        return [order.ordinal for order in orders if do(w, order, order.submit()) is None]

    assert hit(0) == hit(20)
    assert 0 < len(hit(0)) < 20


def test_a_healed_fault_hits_no_more() -> None:
    w = world()
    w.inject("lost-answer")
    w.heal("lost-answer")
    orders = [w.create_order(AMOUNT) for _ in range(20)]
    assert all(do(w, order, order.submit()) is not None for order in orders)
    assert changes(w, "lost-answer") == ["armed", "healed"]


@pytest.mark.parametrize("fault", REPLICATION_FAULTS)
def test_a_fault_of_the_link_is_proven_before_it_counts(fault: str) -> None:
    w = world()
    if "armed" not in changes(w, fault):
        w.inject(fault)
    order = w.create_order(AMOUNT)
    w.wait(2 * LAG_NS)
    assert changes(w, fault) == ["armed"], "nothing was written, so nothing was late"
    do(w, order, order.submit())
    do(w, order, order.query())
    assert changes(w, fault) == ["armed", "effective"]
    w.heal(fault)
    assert changes(w, fault) == ["armed", "effective", "healed"]
    w.wait(2 * LAG_NS)
    assert w.provider.standby.behind_ns() < 2 * LAG_NS


def test_lag_is_what_the_standby_shows() -> None:
    w = world("standby-reads")
    order = w.create_order(AMOUNT)
    do(w, order, order.submit())
    w.wait(LAG_NS // 2)
    early = do(w, order, order.query())
    w.wait(LAG_NS)
    late = do(w, order, order.query())
    assert early is not None
    assert late is not None
    assert (early.observation, late.observation) == (Observation.NOT_FOUND, Observation.STATUS)


def test_at_its_end_a_program_is_healed_settled_and_counted() -> None:
    w = world()
    orders = [w.create_order(AMOUNT + n) for n in range(12)]
    for fault in w.faults:
        if fault not in REPLICATION_FAULTS:
            w.inject(fault)
    for order in orders:
        w.begin(order, order.submit())
    w.end_program()
    assert all(order.terminal for order in orders)
    for fault in w.faults:
        assert changes(w, fault)[-1:] in (["healed"], []), fault
    phases = [e.name for e in w.recorder.events if type(e) is Phase]
    assert phases == ["settle", "done"]
    assert type(w.recorder.events[-2]) is LedgerRead
    history = w.history()
    assert history.healed_ns() is not None
    assert history.ledger_was_read


def test_orders_that_never_settle_are_looked_at_once_more_after_the_promised_time() -> None:
    w = world("unknown-is-processing")
    order = w.create_order(AMOUNT)
    do(w, order, order.submit(inject="lost-request"))
    order.undecided, order.known = False, True  # the merchant takes it for sent, and sends no more
    w.end_program()
    healed_ns = w.history().healed_ns()
    promised_ns = codec().promises.settles_within_ns
    assert healed_ns is not None
    assert promised_ns is not None
    asked = [e.at_ns for e in w.recorder.events if type(e) is Begin and e.kind is OperationKind.QUERY]
    assert sum(at_ns > healed_ns + promised_ns for at_ns in asked) == 2, "one query, seen at both vantages"


def test_ending_a_copy_of_the_program_leaves_the_program_alone() -> None:
    w = world()
    orders = [w.create_order(AMOUNT + n) for n in range(5)]
    w.inject("duplicate-delivery")
    for order in orders:
        w.begin(order, order.submit())
    do(w, orders[0], orders[0].query())
    w.wait(7 * MS)
    do(w, orders[0].as_other_account(), orders[0].as_other_account().submit())
    w.inject("replication-cut")
    before, now_ns = list(w.recorder.events), w.clock.now_ns()
    ended = w.as_if_over()
    assert w.recorder.events == before
    assert w.clock.now_ns() == now_ns
    for flight in list(w._flights.values()):
        w.complete(flight)
    w.end_program()
    assert ended.recorder.events == w.recorder.events


def test_a_new_program_remembers_nothing() -> None:
    def played(w: SimulatedSystem) -> list[object]:
        order = w.create_order(AMOUNT)
        do(w, order, order.submit())
        w.inject("replication-cut")
        w.end_program()
        return list(w.recorder.events)

    w = world()
    first = played(w)
    w.begin(w.orders[0], w.orders[0].query())
    w.start_program()
    assert played(w) == first


def test_a_world_needs_a_flaw_that_exists() -> None:
    with pytest.raises(UnknownNameError, match='Did you mean "late-success"'):
        SimulatedSystem(codec(), Seed(1), "late-sucess")


def test_what_is_rendered_once_is_what_the_contract_says() -> None:
    """All that is no submit names the order number alone, whatever the amount."""
    w = world()
    order = w.create_order(AMOUNT)
    calls = [order.submit(), order.submit(), order.query(), order.cancel(), order.refund(7)]
    for call in calls:
        flight = w.begin(order, call)
        assert flight.request == codec().request(call.kind, call.payment, refund=call.refund), call.kind
        w.complete(flight)
