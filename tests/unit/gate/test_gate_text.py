from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ackord.gate.gate_text import gate_json, gate_markdown, gate_sentence, gate_text
from tests.unit.report.build import ONCE, VISIBLE, campaign, judged, left_out, profile

from .build import Result, baseline, gate, held, violated, waiver


def test_the_last_line_counts_what_fails_and_what_is_known(tmp_path: Path) -> None:
    assert gate_sentence(gate(held())) == "GATE PASSED: 2 profile runs judged. Exit code 0."
    known = baseline(tmp_path, waiver())
    assert gate_sentence(gate(violated(), known=known)) == (
        "GATE PASSED: 2 profile runs judged; 1 known finding. Exit code 0."
    )
    both = campaign(profile("replica-lag", judged(VISIBLE), judged(ONCE, Result.VIOLATED)))
    assert gate_sentence(gate(both, known=known)) == ("GATE FAILED: 1 unwaivable finding, 1 stale waiver. Exit code 1.")


def test_the_text_names_the_finding_the_place_and_the_way_out(tmp_path: Path) -> None:
    known = baseline(tmp_path, waiver())
    text = gate_text(gate(replace(held(), provider_version="2.4.1", left_out=(left_out(),)), known=known))
    assert text.startswith("Ackord gate: reference 2.4.1, by no policy: everything must hold, on 2027-03-15\n")
    assert f"       finding: {known.waivers[0].id}\n       place: {tmp_path}/baseline.yaml:4\n" in text
    assert "notes  left-out profile: profile replica-lag: no seam for replication\n" in text


def test_hostile_answers_obey_nobody() -> None:
    hostile = campaign(profile("a", judged(VISIBLE, Result.VIOLATED, summary="\x1b[2J<img src=x> [a](b) `c`\n## d")))
    assert "\\x1b[2J" in gate_text(gate(hostile))
    assert "\n## d" not in gate_text(gate(hostile))
    marked = gate_markdown(gate(hostile))
    assert "<img" not in marked and "[a](b)" not in marked


def test_the_json_has_everything(tmp_path: Path) -> None:
    data = json.loads(gate_json(gate(violated(), known=baseline(tmp_path, waiver(name="none")))))
    assert (data["passed"], data["exit_code"], data["on"]) == (False, 1, "2027-03-15")
    assert [(item["kind"], item["guarantee"], item["profile"]) for item in data["failures"]] == [
        ("new finding", VISIBLE, "replica-lag"), ("stale waiver", VISIBLE, "none"),
    ]  # fmt: skip
    assert len(data["failures"][0]["fingerprint"]) == 64


def test_markdown_hides_remarks_behind_a_line(tmp_path: Path) -> None:
    marked = gate_markdown(gate(violated(), known=baseline(tmp_path, waiver())))
    assert "<details><summary>1 note</summary>" in marked
    assert "- **known finding**: VIOLATED acknowledged-order-visible" in marked
