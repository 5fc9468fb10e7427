from __future__ import annotations

from itertools import pairwise

from ackord.core.clock import MS
from ackord.core.event import Event
from ackord.core.history import History
from ackord.core.share_interval import counted_share
from ackord.report.html.landing_curve import POINTS, landing_curve

from ..build import history, missing, shown, submit


def landed(*afters_ms: float) -> History:
    """Orders that were asked for in vain until just before they were shown so long after their acknowledgement."""
    events: list[Event] = []
    for i, after in enumerate(afters_ms):
        order = f"o{i}"
        events += submit(3 * i + 1, 0, 10, order=order)
        events += missing(3 * i + 2, 10 + after - 1, 10 + after - 0.5, order=order) if after > 1 else []
        events += shown(3 * i + 3, 10 + after - 0.2, 10 + after, order=order)
    return history(events)


def test_the_curve_falls_from_all_to_none() -> None:
    points = landing_curve(landed(10, 20, 30, 40))
    assert (points[0].at_ns, points[0].open_share) == (0, 1.0)
    assert [p.at_ns for p in points if p.at_ns % (10 * MS) == 0] == [0, 10 * MS, 20 * MS, 30 * MS, 40 * MS]
    assert points[-1].open_share < 1e-9
    assert all(a.open_share >= b.open_share and a.at_ns < b.at_ns for a, b in pairwise(points))


def test_the_band_counts_what_is_certain_and_what_is_possible() -> None:
    points = {p.at_ns: p for p in landing_curve(landed(*range(10, 110)))}
    middle = points[60 * MS]
    assert middle.high == counted_share(100 - 51, 100).high
    assert middle.low <= counted_share(49, 100).low
    assert all(p.low <= p.open_share + 1e-9 and p.open_share <= p.high + 1e-9 for p in points.values())


def test_an_order_that_is_not_shown_again_keeps_the_curve_up() -> None:
    events = [*submit(1, 0, 10), *missing(2, 20, 21), *submit(3, 0, 10, order="B"), *shown(4, 13, 14, order="B")]
    assert landing_curve(history(events))[-1].open_share == 0.5


def test_a_curve_of_many_orders_is_thinned() -> None:
    points = landing_curve(landed(*(2 + i * 0.37 for i in range(900))))
    assert len(points) <= POINTS
    assert points[0].at_ns == 0


def test_without_an_acknowledgement_there_is_no_curve() -> None:
    assert landing_curve(history()) == []
