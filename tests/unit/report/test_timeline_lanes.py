from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ackord.core.clock import MS
from ackord.core.event import FaultChange, Phase, ReplicationSample
from ackord.report.timeline_data import OperationGroup, OperationResult, TimeSpan, fault_timelines, timeline_data
from ackord.report.timeline_lanes import CLASSES, axis, fault_lane, operations_lanes, phases_lane, replication_lane
from ackord.report.timeline_svg import LEFT, RIGHT, SINGLY, SvgLane, TimeScale

from .build import history, missing, profile, shown, submit

SCALE = TimeScale(0, 1000 * MS)
MIDDLE = (LEFT + RIGHT) / 2


def xml(lane: SvgLane) -> ET.Element:
    return ET.fromstring(f"<svg>{lane.svg}</svg>")


def words(root: ET.Element) -> list[str]:
    return [(text[-1].tail if len(text) else text.text) or "" for text in root.iter("text")]


def tips(root: ET.Element) -> list[str]:
    return [title.text or "" for title in root.iter("title")]


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [e for e in root.iter() if name in e.get("class", "").split()]


def fault(*changes: tuple[float, str], op: int = 0, seam: str = "edge", **detail: Any) -> ET.Element:
    events = [
        FaultChange(round(ms * MS), "lost-answer", what, seam, op if what == "fired" else 0, detail)
        for ms, what in changes
    ]
    (story,) = fault_timelines(events, SCALE.end_ns)
    return xml(fault_lane(SCALE, story))


def test_a_fault_in_force_is_a_bar_that_tells_what_it_was() -> None:
    root = fault((500, "armed"), (750, "healed"), (700, "effective"), share=0.5, mode="reset")
    (bar,) = of_class(root, "on")
    assert (float(bar.get("x", "")), float(bar.get("width", ""))) == (MIDDLE, (RIGHT - LEFT) / 4)
    assert tips(bar) == ["in force 500 ms to 750 ms; on 50 % of what it can hit, mode reset"]
    assert len(of_class(root, "effective")) == 1
    assert words(root) == ["lost-answer", "edge seam: effect shown"]


def test_a_fault_that_shows_no_effect_says_so() -> None:
    root = fault((500, "armed"), (750, "healed"))
    assert words(root) == ["lost-answer", "edge seam: no effect shown"]
    assert len(of_class(root, "alarm")) == 1
    assert len(of_class(root, "idle")) == 1, "hollow: a full bar would claim a fault that nobody saw"
    assert not of_class(root, "on")


def test_what_fires_on_operations_is_ticks_and_a_blow_is_a_diamond() -> None:
    root = fault((100, "armed"), (500, "fired"), op=7)
    assert [tips(tick) for tick in of_class(root, "fired")] == [["fired on operation 7 at 500 ms"]]
    assert not of_class(root, "blow")
    root = fault((100, "armed"), (500, "fired"), (600, "fired"), schedule={"after_ms": 400})
    assert [tips(blow) for blow in of_class(root, "blow")] == [
        ["struck at 500 ms: after 400 ms"],
        ["struck at 600 ms: after 400 ms"],
    ]
    assert not of_class(root, "fired")
    assert words(root)[1] == "edge seam: struck 2 times"


def test_thousands_of_ticks_become_bars_and_that_is_said() -> None:
    root = fault((0, "armed"), *[(i % 1000, "fired") for i in range(5000)], op=7)
    (bars,) = of_class(root, "fired")
    assert tips(bars) == ["fired 5,000×, on at most 50 operations in 10.0 ms"]
    assert words(root)[1:] == ["edge seam: fired 5,000×", "highest bar 50"]


def test_more_outages_than_can_be_told_apart_are_one_path() -> None:
    turns = [(i, "began" if i % 2 == 0 else "ended") for i in range(900)]
    root = fault((0, "armed"), *turns, (900, "effective"), schedule={"for_ms": 1, "every_ms": 2})
    (bar,) = of_class(root, "on")
    assert tips(bar)[0].startswith("in force 450 times, first 0 ms to 1 ms")
    assert len(bar.get("d", "")) < 200


def test_more_blows_than_can_be_told_apart_are_thinned_and_that_is_said() -> None:
    root = fault((0, "armed"), *[(i, "fired") for i in range(1000)], schedule={"every_ms": 1})
    assert len(of_class(root, "blow")) == SINGLY
    assert words(root)[-1] == f"{SINGLY} of 1,000 drawn"


def sample(at_ms: float, behind: int, lag_ms: float | None = None) -> ReplicationSample:
    return ReplicationSample(round(at_ms * MS), 10**6, 10**6 - behind, None if lag_ms is None else round(lag_ms * MS))


def test_lag_and_bytes_have_scales_of_their_own() -> None:
    root = xml(
        replication_lane(SCALE, [sample(0, 0, 1), sample(500, 8000, 200), sample(750, 4000), sample(1000, 0, 3)])
    )
    (line,), (area,) = of_class(root, "lag"), of_class(root, "behind")
    assert line.get("d") == f"M{LEFT} 65.7H{MIDDLE:.0f}V10H{RIGHT}V65.2H{RIGHT}"
    assert area.get("d") == f"M{LEFT} 66H{MIDDLE:.0f}V10H830V38H{RIGHT}V66H{RIGHT}V66H{LEFT}z"
    assert words(root)[:3] == ["replication", "line: lag as probed, to 200 ms", "area: standby behind, to 8,000 bytes"]
    assert tips(root) == [
        "the standby was behind, at most 8,000 bytes; 4 samples",
        "lag as probed, at most 200 ms; 3 probes",
    ]


def test_another_replica_has_its_name() -> None:
    root = xml(replication_lane(SCALE, [sample(0, 8)], "read model"))
    assert "area: read model behind, to 8 bytes" in words(root)
    assert tips(root) == ["the read model was behind, at most 8 bytes; 1 sample"]


def test_replication_that_was_never_probed_or_never_behind_says_so() -> None:
    root = xml(replication_lane(SCALE, [sample(0, 0), sample(500, -5)]))
    assert "lag: never probed" in words(root)
    assert not of_class(root, "lag")
    assert not of_class(root, "behind")


def test_many_samples_are_thinned_to_the_highest_and_that_is_said() -> None:
    samples = [sample(i / 10, i % 7, i % 11) for i in range(10_000)]
    root = xml(replication_lane(SCALE, samples))
    assert any(w.startswith("highest per ") for w in words(root))
    assert len(of_class(root, "lag")[0].get("d", "")) < 5000


def test_without_replication_there_is_no_lane() -> None:
    assert replication_lane(SCALE, []) == SvgLane(0, "")


def operations(*parts: Any) -> ET.Element:
    return xml(
        operations_lanes(
            SCALE,
            timeline_data("a", profile("a", history=history(*parts, [Phase(0, "steady"), Phase(1000 * MS, "done")]))),
        )
    )


def test_few_operations_are_drawn_one_by_one() -> None:
    root = operations(submit(1, 500, 750, detail="202 <ACCEPTED>"), missing(2, 800, 801), shown(3, 900, 901))
    (bar,) = [r for r in of_class(root, "ok") if r.tag == "rect" and r.get("width") == "200"]
    assert float(bar.get("x", "")) == MIDDLE
    assert tips(bar) == ["submit 1 of order A-1 at 500 ms, answered after 250 ms: 202 <ACCEPTED>"]
    assert words(root) == ["submits, resubmits", "ok", "1", "queries", "ok", "1", "NOT_FOUND", "1"]


def test_many_operations_are_counted_and_the_sums_are_told() -> None:
    root = operations(
        submit(1, 0, 10),
        *[missing(2 + i, i, i + 1) for i in range(1000)],
        *[shown(2000 + i, 5, 6) for i in range(100)],
    )
    assert "1,000; highest bar 10" in words(root)
    assert "100; highest bar 100" in words(root)
    columns = of_class(root, "columns")[0]
    assert tips(columns)[0] == "0 ms: queries 100 ok, 10 NOT_FOUND"
    assert len(tips(columns)) == 100


def test_every_outcome_has_a_paint_and_a_word() -> None:
    assert set(CLASSES) == set(OperationResult)
    assert len(set(CLASSES.values())) == len(OperationResult)
    assert all(kind.value for kind in OperationGroup)


@pytest.mark.parametrize(("until_ms", "named"), [(900, True), (5, False)])
def test_a_phase_is_named_where_there_is_room(until_ms: int, named: bool) -> None:
    root = xml(phases_lane(SCALE, [("disturb", TimeSpan(0, until_ms * MS))]))
    assert ("disturb" in words(root)) is named
    assert f"disturb: 0 ms to {until_ms} ms" in tips(root)


def test_the_axis_counts_from_the_run_s_begin() -> None:
    assert words(xml(axis(TimeScale(7 * MS, 1007 * MS), counted=False)))[:3] == [
        "from the run's begin",
        "0 ms",
        "100 ms",
    ]


def test_the_axis_tells_how_long_a_bar_counts_where_there_are_bars() -> None:
    assert words(xml(axis(SCALE, counted=True)))[-1] == "bars: 10.0 ms each"
    assert "bars" not in " ".join(words(xml(axis(SCALE, counted=False))))
