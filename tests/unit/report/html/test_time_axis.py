from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ackord.core.clock import SECOND
from ackord.report.html.time_axis import axis_labels, packed, percent, time_axis

BUSY = st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 10**9)).map(lambda p: (p[0], p[0] + p[1])), min_size=1)


@given(BUSY)
def test_a_squeezed_axis_keeps_the_order_of_instants(busy: list[tuple[int, int]]) -> None:
    axis = time_axis(busy, 100, 900)
    places = [axis.x(at_ns) for at_ns in sorted(ns for span in busy for ns in span)]
    assert all(a <= b + 1e-6 for a, b in pairwise(places))
    assert places[0] == 100
    assert places[-1] <= 900 + 1e-6


def test_idle_time_is_cut_short_and_said_to_be() -> None:
    axis = time_axis([(0, 10), (10 * SECOND, 10 * SECOND + 20)], 0, 400)
    ((where, idle_ns),) = axis.cuts
    assert idle_ns == 10 * SECOND - 10
    assert axis.x(10) < where < axis.x(10 * SECOND)
    assert (axis.x(10), axis.x(10 * SECOND), axis.x(10 * SECOND + 20)) == (100, 200, 400)


def test_short_idle_time_is_drawn_to_scale() -> None:
    axis = time_axis([(0, 10), (11, 20)], 0, 200)
    assert axis.cuts == ()
    assert axis.x(11) == 110


def test_instants_alone_have_a_place() -> None:
    assert time_axis([(5, 5)], 10, 20).x(5) == 10
    assert time_axis([], 10, 20).x(5) == 10
    axis = time_axis([(5, 5), (SECOND, SECOND)], 10, 20)
    assert (axis.x(5), axis.x(SECOND)) == (10, 20)


@given(BUSY, st.lists(st.integers(0, 10**10), max_size=3))
def test_labels_do_not_touch(busy: list[tuple[int, int]], wanted: list[int]) -> None:
    labels = axis_labels(time_axis(busy, 1, 93), wanted)
    assert labels
    assert all(a.room[1] <= b.room[0] or b.room[1] <= a.room[0] for a, b in pairwise(labels))
    assert all(0 <= end <= 100 for label in labels for end in label.room)


def test_a_wanted_label_comes_first() -> None:
    axis = time_axis([(0, 100)], 0, 90)
    assert [label.at_ns for label in axis_labels(axis, [50])] == [0, 50, 100]


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 300)).map(lambda p: (p[0], p[0] + p[1]))))
def test_nothing_on_a_line_overlaps(spans: list[tuple[float, float]]) -> None:
    lines = packed(spans)
    for line in set(lines):
        on_it = [span for span, of in zip(spans, lines, strict=True) if of == line]
        assert all(end < begin for (_, end), (begin, _) in pairwise(on_it))


def test_percent_is_short() -> None:
    assert (percent(12.5), percent(10.0), percent(0), percent(33.333)) == ("12.5%", "10%", "0%", "33.33%")
