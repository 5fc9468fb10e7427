from __future__ import annotations

import json
from typing import Any

from ackord.core.clock import MS
from ackord.core.event import Event
from ackord.report.html.charts import ChartSheet, landing_chart, latency_chart
from ackord.report.html.fault_activity import fault_timelines
from ackord.report.html.landing_curve import landing_curve
from ackord.report.html.run_activity import run_activity

from ..build import history, submit
from .pages import HOSTILE, run
from .test_landing_curve import landed


def latency(of: Any, *, drawn: bool = True) -> tuple[ChartSheet, str]:
    sheet = ChartSheet(drawn=drawn)
    activity = run_activity(of)
    faults = fault_timelines(of.faults, activity.end_ns)
    return sheet, latency_chart(sheet, "replica-lag", activity, faults, of.replication)


def test_a_landing_chart_has_curve_band_and_bounds() -> None:
    sheet = ChartSheet()
    points = landing_curve(landed(10, 20, 30, 40))
    place = landing_chart(sheet, "lag", points, promised_ns=35 * MS, buffer_ms=41)
    (figure,) = json.loads(sheet.data)
    assert [trace["name"] for trace in figure["data"]] == ["upper bound", "95 % band", "not landed"]
    assert figure["data"][2]["y"][0] == 100
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [35, 41]
    assert "promised bound 35 ms; recommended buffer 41 ms" in place
    assert "<table" in place, "the same as a table"


def test_a_bound_far_beyond_what_was_seen_is_said_and_not_drawn() -> None:
    sheet = ChartSheet()
    place = landing_chart(sheet, "lag", landing_curve(landed(10)), promised_ns=60_000 * MS, buffer_ms=None)
    assert json.loads(sheet.data)[0]["layout"]["shapes"] == []
    assert "promised bound 60,000 ms" in place


def test_latency_stands_over_faults_and_lag_on_one_axis() -> None:
    sheet, place = latency(run())
    (figure,) = json.loads(sheet.data)
    names = [trace["name"] for trace in figure["data"]]
    assert names == ["submits, resubmits, median", "submits, resubmits, slowest", "queries, median", "queries, slowest",
                     "lag of the standby", "fault in force"]  # fmt: skip
    faults = {y for y in figure["data"][-1]["y"] if y}
    assert faults == {"replication-latency", "lost-answer", "node-crash"}
    assert len(figure["layout"]["shapes"]) == 2
    domains = [figure["layout"][axis]["domain"] for axis in ("yaxis3", "yaxis2", "yaxis")]
    assert domains == sorted(domains)
    assert 'role="img"' in place
    assert "replication-latency" in place, "the table names the faults in force"


def test_a_stretch_without_answers_breaks_the_line() -> None:
    events: list[Event] = [*submit(1, 0, 10), *submit(2, 5, 12, order="B"), *submit(3, 5_000, 5_010, order="C")]
    sheet, _ = latency(history(events))
    assert json.loads(sheet.data)[0]["data"][0]["x"].count(None) == 1


def test_the_size_is_bounded_by_the_drawing_not_by_the_run() -> None:
    def size(n: int) -> int:
        events: list[Event] = [e for i in range(n) for e in submit(i + 1, i * 0.5, i * 0.5 + 1, order=f"o{i}")]
        return len(latency(history(events))[0].data)

    assert size(4_000) < 1.2 * size(1_000)


def test_without_the_library_there_are_tables_alone() -> None:
    sheet, place = latency(run(), drawn=False)
    assert sheet.figures == []
    assert 'class="chart"' not in place
    assert "<table" in place


def test_a_hostile_name_is_text_in_a_chart() -> None:
    sheet, place = latency(run(2, text=HOSTILE))
    assert not set("<>&") & set(sheet.data)
    assert "<script" not in place
    assert "&lt;/title" in json.loads(sheet.data)[0]["data"][-1]["y"][0]
