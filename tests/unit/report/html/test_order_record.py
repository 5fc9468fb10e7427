from __future__ import annotations

from typing import Any

from ackord.core.clock import MS
from ackord.core.history import History
from ackord.core.verdict import Finding
from ackord.report.explanation import Explainer
from ackord.report.html.order_record import EXCHANGES, OrderRecord, OrderRecords

from ..build import ONCE, finding, history, missing, submit
from .pages import broke, drill, run


def record(of: History, found: Finding | None = None, **more: Any) -> OrderRecord:
    told = found or finding(**{"evidence": ((1, 0), (2, 0)), "at_ns": 13 * MS, **more})
    order = Explainer(of, repeat="").order_of(told)
    return OrderRecords(of, [(told, order)]).of(told, order)


def test_an_exchange_is_told_from_both_vantages() -> None:
    first = record(run()).exchanges[0]
    assert first.sent is not None
    assert first.got is not None
    assert first.reached is not None
    assert first.answered is not None
    assert (first.sent.at_ns, first.reached.at_ns) == (-1 * MS, 0)
    assert first.begin_ns == -1 * MS
    assert len(first.sides) == 2


def test_acknowledgement_offence_and_proof_are_marked() -> None:
    exchanges = record(run()).exchanges
    assert [(x.acknowledges, x.offending, x.evidence) for x in exchanges] == [
        (True, False, True),
        (False, True, True),
        (False, False, False),
    ]


def test_where_money_is_the_offence_no_answer_is() -> None:
    (first, *_) = broke(ONCE).findings
    told = record(run(), first)
    assert not [x for x in told.exchanges if x.offending]
    assert [m.movement_id for m in told.movements] == ["mv-A-1-1", "mv-A-1-2"]


def test_faults_that_fired_stand_at_their_exchange() -> None:
    fired = [[f.fault for f in x.fired] for x in record(run()).exchanges]
    assert fired == [[], ["lost-answer"], []]


def test_times_count_from_the_acknowledgement_or_the_first_event() -> None:
    assert record(run()).origin_ns == 10 * MS
    silent = history(missing(2, 50, 51))
    assert record(silent, evidence=((2, 0),)).origin_ns == 50 * MS


def test_of_many_exchanges_the_telling_ones_are_kept_and_the_others_counted() -> None:
    queries = [event for i in range(100) for event in missing(2 + i, 1000 + 10 * i, 1001 + 10 * i)]
    told = record(history(submit(1, 0, 10), queries), evidence=((1, 0), (60, 0)), at_ns=1580 * MS)
    assert len(told.exchanges) == EXCHANGES
    assert told.left_out == 101 - EXCHANGES
    assert {1, 60} <= {x.judged.op for x in told.exchanges}


def test_callbacks_are_the_providers_or_what_was_passed_on_to_a_merchant() -> None:
    assert [c.callback for c in record(run()).callbacks] == ["order-event"]
    told = record(drill().profiles[0].history)
    assert [c.forged for c in told.deliveries] == ["signature: wrong"]
    assert told.callbacks == []
    assert [r.payments for r in told.reports] == [2]


def test_an_order_of_which_the_record_has_nothing_has_an_empty_one() -> None:
    told = record(history(), order="gone", evidence=())
    assert told.exchanges == told.busy == []
    assert told.span == (13 * MS, 13 * MS)


def test_several_orders_of_one_thing_are_told_together() -> None:
    (paid,) = broke(
        "merchant-pays-once", orders=1, movements=("mv-A-1-1", "mv-A-2-1"), evidence=((1, 0), (4, 0))
    ).findings
    told = record(run(), paid)
    assert {x.judged.order for x in told.exchanges} == {"A-1", "A-2"}
    assert {m.order for m in told.movements} == {"A-1", "A-2"}
