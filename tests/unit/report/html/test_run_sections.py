from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ackord.core.event import FaultChange
from ackord.core.landing import estimate
from ackord.report.html.charts import ChartSheet
from ackord.report.html.run_sections import environment_section, landing_section, runs_section

from ..build import campaign, history, judged, profile, submit, window
from .pages import failed, hostile, partial, passed, run, violated, wide

OUT = Path("out")


def test_the_landing_window_has_bound_buffer_and_curve_where_orders_were_missed() -> None:
    sheet = ChartSheet()
    text = landing_section(violated(), sheet)
    assert len(sheet.figures) == 1
    assert "<td>1,000</td>" in text, "the promised bound"
    assert "Recommended merchant buffer" in text
    assert landing_section(wide(), ChartSheet()) == ""


def test_where_no_order_was_missed_there_is_no_curve() -> None:
    sheet = ChartSheet()
    text = landing_section(campaign(profile("a", judged(), landing=window())), sheet)
    assert sheet.figures == []
    assert "none is promised" in text
    assert "no order was missed" in text


def test_counts_are_by_operation_and_outcome() -> None:
    text = runs_section(passed(), ChartSheet())
    assert '<th scope="row">query</th><td>6</td>' in text
    assert '<th scope="row">submit</th><td>3</td><td>3 <svg' in text


def test_a_run_tells_its_phases_and_faults() -> None:
    text = runs_section(passed(), ChartSheet())
    assert "Phases: steady from 0.00 s, disturb from 0.02 s" in text
    assert "<td>fired 1×</td>" in text
    assert "<td>struck</td>" in text
    assert "shown to be effective" in text


def idle(**options: Any) -> str:
    armed = FaultChange(0, "reset", "armed", "edge", 0, {})
    h = history([armed, *submit(1, 0, 10)], options=options)
    return runs_section(campaign(profile("a", judged(), history=h)), ChartSheet())


def test_a_fault_without_an_effect_is_told() -> None:
    assert "no effect shown" in idle()
    assert "Nothing was injected." in idle(inject=False)
    assert "Nothing was injected." not in idle(inject=True)


def test_a_record_that_was_cut_off_is_said_to_be() -> None:
    text = runs_section(partial(), ChartSheet())
    assert "It was cut short: it was interrupted." in text
    assert "The record was cut off" in text


def test_an_empty_run_and_an_empty_campaign_have_sections() -> None:
    assert "0 exchanges in 0 ms" in runs_section(campaign(profile("a", history=history())), ChartSheet())
    assert runs_section(failed(), ChartSheet()) == ""


def test_the_environment_is_what_is_recorded() -> None:
    text = environment_section(violated(), OUT)
    assert "ab" * 32 in text
    assert "Options as recorded, replica-lag" in text
    assert "../nowhere/journal.jsonl" in text
    assert "Took" in environment_section(failed(), OUT)


def test_hostile_text_stays_text() -> None:
    bad = hostile()
    bad = replace(bad, profiles=tuple(replace(p, landing=estimate(run())) for p in bad.profiles))
    for text in (landing_section(bad, ChartSheet()), runs_section(bad, ChartSheet()), environment_section(bad, OUT)):
        assert "<script" not in text
        assert "<img" not in text
