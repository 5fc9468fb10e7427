from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.core.clock import MS, SECOND
from ackord.report.timeline_svg import (
    BUCKETS,
    LEFT,
    RIGHT,
    Bucket,
    TimeScale,
    bucketed,
    bucketed_highest,
    coord,
    instant,
    path,
    rect,
    safe,
    tall,
    text,
)

START_NS = 5 * SECOND
INSTANTS = st.integers(START_NS - SECOND, START_NS + 3 * SECOND)


def test_the_axis_goes_from_the_first_instant_to_the_last() -> None:
    scale = TimeScale(START_NS, START_NS + 100 * MS)
    assert [scale.x(START_NS + ms * MS) for ms in (0, 25, 100)] == [LEFT, LEFT + (RIGHT - LEFT) / 4, RIGHT]


def test_what_is_off_the_axis_is_drawn_at_its_edge() -> None:
    scale = TimeScale(START_NS, START_NS + 100 * MS)
    assert (scale.x(START_NS - MS), scale.x(START_NS + SECOND)) == (LEFT, RIGHT)


def test_a_run_without_length_has_an_axis_all_the_same() -> None:
    scale = TimeScale(START_NS, START_NS)
    assert scale.x(START_NS) == LEFT
    assert scale.bucket(START_NS) == 0
    assert scale.ticks()[0] == (START_NS, "0 ms")


@pytest.mark.parametrize(
    ("span_ns", "labels"),
    [
        (4 * SECOND, ["0 ms", "500 ms", "1,000 ms"]),
        (12 * SECOND, ["0 s", "2 s", "4 s"]),
        (3 * MS, ["0 ms", "0.5 ms", "1 ms"]),
        (90 * SECOND, ["0 s", "10 s", "20 s"]),
    ],
)
def test_ticks_are_round(span_ns: int, labels: list[str]) -> None:
    ticks = TimeScale(START_NS, START_NS + span_ns).ticks()
    assert [label for _, label in ticks[:3]] == labels
    assert len(ticks) <= 11
    assert ticks[0][0] == START_NS


@given(st.integers(1, 10**25))
def test_there_are_few_ticks_for_any_run(span_ns: int) -> None:
    ticks = TimeScale(0, span_ns).ticks()
    assert 1 <= len(ticks) <= 11
    assert all(0 <= at_ns <= span_ns for at_ns, _ in ticks)
    assert len({label for _, label in ticks}) == len(ticks) or span_ns < MS


@given(st.lists(INSTANTS))
def test_bars_count_every_mark_once(instants: list[int]) -> None:
    scale = TimeScale(START_NS, START_NS + 2 * SECOND)
    buckets = bucketed(scale, instants)
    assert sum(b.marks for b in buckets) == len(instants)
    assert [b.part for b in buckets] == sorted({scale.bucket(at_ns) for at_ns in instants})
    assert all(0 <= b.part < BUCKETS for b in buckets)


@given(st.lists(st.tuples(INSTANTS, st.floats(0, 1e9)), min_size=1), st.integers(1, 40))
def test_thinning_keeps_the_highest(points: list[tuple[int, float]], buckets: int) -> None:
    kept = bucketed_highest(TimeScale(START_NS, START_NS + 2 * SECOND), points, buckets)
    assert max(v for _, v in kept) == max(v for _, v in points)
    assert len(kept) <= max(buckets, 1)
    assert set(kept) <= set(points)


def test_few_points_are_not_thinned() -> None:
    points = [(START_NS, 3.0), (START_NS, 1.0)]
    assert bucketed_highest(TimeScale(START_NS, START_NS + SECOND), points, 2) == points


def test_the_highest_bar_is_full_and_the_lowest_can_be_seen() -> None:
    drawn = tall([Bucket(0, 1), Bucket(99, 1000)], 16, 14, "ok", "many")
    assert drawn == (
        f'<path d="M{LEFT} 16v-2h7v2zM{RIGHT - 8} 16v-14h7v14z" class="bars ok"><title>many</title></path>'
    )


@pytest.mark.parametrize(
    ("ns", "span_ns", "said"),
    [
        (1_250 * MS, 4 * SECOND, "1,250 ms"),
        (840_000, 3 * MS, "0.84 ms"),
        (12_500 * MS, 20 * SECOND, "12.5 s"),
        (0, 20 * SECOND, "0 s"),
        (-100, 4 * SECOND, "0 ms"),
    ],
)
def test_instants_are_told_in_the_unit_of_the_run(ns: int, span_ns: int, said: str) -> None:
    assert instant(ns, span_ns) == said


def test_places_are_short_and_have_no_commas() -> None:
    assert [coord(v) for v in (0, 1200.04, 3.25, 12345.6)] == ["0", "1200", "3.2", "12345.6"]


def test_text_from_outside_cannot_do_anything() -> None:
    assert safe('<b a="1">&\'') == "&lt;b a=&quot;1&quot;&gt;&amp;&#x27;"
    assert safe("a\nb\x1b[31m\u202e\ud800") == "a\\x0ab\\x1b[31m\\u202e\\ud800"


def test_long_text_is_cut_before_it_is_escaped() -> None:
    assert safe("<" * 1_000_000, 5) == "&lt;" * 4 + "…"


def test_marks_have_a_tooltip_where_there_is_something_to_tell() -> None:
    assert rect(1, 2, 3.5, 4, "ok") == '<rect x="1" y="2" width="3.5" height="4" class="ok"/>'
    assert path("M0 0", "lag", "why") == '<path d="M0 0" class="lag"><title>why</title></path>'
    assert text(1, 2, "a", "small", anchor="end", tip="b") == (
        '<text x="1" y="2" class="small end"><title>b</title>a</text>'
    )
