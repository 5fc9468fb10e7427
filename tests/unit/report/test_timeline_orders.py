from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from ackord.core.clock import MS, SECOND
from ackord.core.event import Event, Movement
from ackord.core.operation import Observation, OperationKind
from ackord.core.verdict import Result
from ackord.report.timeline_data import BrokenOrder, BrokenOrders
from ackord.report.timeline_orders import EXCHANGES, broken_lane, compressed_axis, order_lane, packed
from ackord.report.timeline_svg import LEFT, RIGHT, SvgLane, TimeScale

from .build import exchange, finding, history, missing, shown, submit

BUSY = st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 10**9)).map(lambda p: (p[0], p[0] + p[1])), min_size=1)


@given(BUSY)
def test_a_squeezed_axis_keeps_the_order_of_instants(busy: list[tuple[int, int]]) -> None:
    axis = compressed_axis(busy, 100, 900)
    places = [axis.x(at_ns) for at_ns in sorted(ns for span in busy for ns in span)]
    assert all(a <= b + 1e-6 for a, b in pairwise(places))
    assert places[0] == 100
    assert places[-1] <= 900 + 1e-6


def test_idle_time_is_cut_short_and_said_to_be() -> None:
    axis = compressed_axis([(0, 10), (10 * SECOND, 10 * SECOND + 20)], 0, 400)
    ((where, idle_ns),) = axis.cuts
    assert idle_ns == 10 * SECOND - 10
    assert axis.x(10) < where < axis.x(10 * SECOND)
    assert (axis.x(10), axis.x(10 * SECOND), axis.x(10 * SECOND + 20)) == (100, 200, 400)


def test_short_idle_time_is_drawn_to_scale() -> None:
    axis = compressed_axis([(0, 10), (11, 20)], 0, 200)
    assert axis.cuts == ()
    assert axis.x(11) == 110


def test_instants_alone_have_a_place() -> None:
    assert compressed_axis([(5, 5)], 10, 20).x(5) == 10
    axis = compressed_axis([(5, 5), (SECOND, SECOND)], 10, 20)
    assert (axis.x(5), axis.x(SECOND)) == (10, 20)


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 300)).map(lambda p: (p[0], p[0] + p[1]))))
def test_nothing_on_a_line_overlaps(spans: list[tuple[float, float]]) -> None:
    lines = packed(spans)
    for line in set(lines):
        on_it = [span for span, of in zip(spans, lines, strict=True) if of == line]
        assert all(end < begin for (_, end), (begin, _) in pairwise(on_it))


def drawn(*parts: list[Event], **more: Any) -> ET.Element:
    h = history(*parts)
    (order,) = h.orders
    lane = order_lane(3, BrokenOrder(order, (finding(**more),)), currency="EUR", anchor="p1-order")
    return xml(lane)


def xml(lane: SvgLane) -> ET.Element:
    return ET.fromstring(f"<svg>{lane.svg}</svg>")


def words(root: ET.Element) -> list[str]:
    """What can be read without pointing at anything."""
    return ["".join(piece for piece in text.itertext() if piece not in tips(text)) for text in root.iter("text")]


def tips(root: ET.Element) -> list[str]:
    return ["".join(title.itertext()) for title in root.iter("title")]


def test_every_exchange_tells_its_answer_and_when_it_was_sent() -> None:
    root = drawn(
        submit(1, 0, 10, detail="202 ACCEPTED"),
        missing(2, 12, 13, detail="404 ORDER_NOT_FOUND"),
        shown(3, 300, 301),
        exchange(4, OperationKind.QUERY, 400, None, None),
        exchange(5, OperationKind.RESUBMIT, 500, 501, Observation.CONFLICT),
        [Movement(2000 * MS, "alpha", "A-1", "mv-1", 1999, "payout")],
    )
    assert words(root) == [
        "3. Order A-1 of account alpha: VIOLATED acknowledged-order-visible",
        "-10.0 ms submit 1: acknowledged",
        "✗ +2.00 ms query 2: NOT_FOUND",
        "+290 ms query 3: PROCESSING",
        "+390 ms query 4: no answer",
        "+490 ms resubmission 5: CONFLICT",
        "+1,990 ms ledger: payout mv-1 of 19.99 EUR",
    ]
    assert "query 2: 404 ORDER_NOT_FOUND - order not found; answered +3.00 ms; this broke it" in tips(root)


def test_what_broke_it_is_red_and_marked_and_nothing_else_is() -> None:
    root = drawn(submit(1, 0, 10), missing(2, 12, 13), missing(3, 14, 15))
    broke = [bar.get("class") for bar in root.iter("rect") if "broke" in bar.get("class", "")]
    assert broke == ["missing broke"]
    assert [w for w in words(root) if w.startswith("✗")] == ["✗ +2.00 ms query 2: NOT_FOUND"]


def test_where_money_broke_it_the_movements_are_marked() -> None:
    twice = [Movement(20 * MS, "alpha", "A-1", m, 1999, "payout") for m in ("m1", "m2", "m3")]
    root = drawn(submit(1, 0, 10), missing(2, 11, 12), twice, movements=("m1", "m3"))
    assert [w.split(":")[-1] for w in words(root) if w.startswith("✗")] == [
        " payout m1 of 19.99 EUR",
        " payout m3 of 19.99 EUR",
    ]


def test_an_order_that_was_never_acknowledged_counts_from_its_first_event() -> None:
    root = drawn(exchange(1, OperationKind.SUBMIT, 50, None, None), missing(2, 60, 61))
    assert words(root)[1:] == ["0 ms submit 1: no answer", "✗ +10.0 ms query 2: NOT_FOUND"]
    assert not [p for p in root.iter("path") if p.get("class") == "ack"]


def test_of_many_exchanges_the_telling_ones_are_drawn_and_the_others_counted() -> None:
    queries = [event for i in range(100) for event in missing(2 + i, 1000 + 10 * i, 1001 + 10 * i)]
    root = drawn(submit(1, 0, 10), queries, evidence=((1, 0), (60, 0)), at_ns=1580 * MS)
    said = words(root)
    assert said[0].endswith(f"; {101 - EXCHANGES} more exchanges not drawn")
    assert len(said) == 1 + EXCHANGES
    assert said[1].startswith("-10.0 ms submit 1")
    assert "✗ +1,570 ms query 60: NOT_FOUND" in said


def test_an_order_of_which_the_record_has_nothing_is_still_named() -> None:
    from ackord.core.history import OrderHistory

    lane = order_lane(1, BrokenOrder(OrderHistory("A-1", [], [], None), (finding(),)), currency="", anchor="x")
    assert words(xml(lane)) == [
        "1. Order A-1 of account alpha: VIOLATED acknowledged-order-visible",
        "its exchanges are not in this record",
    ]


def test_on_the_run_s_axis_each_order_leads_to_its_own_line() -> None:
    h = history(submit(1, 0, 10), submit(2, 500, 600, order="B"), submit(3, 520, 620, order="C"))
    kinds = (Result.VIOLATED, Result.UNSAFE, Result.VIOLATED)
    orders = [BrokenOrder(o, (finding(order=o.number, result=r),)) for o, r in zip(h.orders, kinds, strict=True)]
    root = xml(broken_lane(TimeScale(0, 1000 * MS), BrokenOrders(orders, 3, True), "p4-order"))
    assert [a.get("href") for a in root.iter("a")] == ["#p4-order-1", "#p4-order-2", "#p4-order-3"]
    bars = list(root.iter("rect"))
    assert [b.get("class") for b in bars] == ["violated", "unsafe", "violated"]
    assert float(bars[1].get("x", "")) == LEFT + (RIGHT - LEFT) / 2
    assert len({b.get("y") for b in bars}) == 2, "two that overlap are on two lines"


def test_without_broken_orders_there_is_no_lane() -> None:
    assert broken_lane(TimeScale(0, 1), BrokenOrders([], 0, True), "p") == SvgLane(0, "")
