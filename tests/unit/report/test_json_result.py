from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ackord.core.clock import MS
from ackord.core.event import FaultChange, ReplicationSample
from ackord.core.result import CampaignResult
from ackord.core.verdict import GuaranteeVerdict, MissingEvidence, Result
from ackord.errors import FileError
from ackord.report.json_result import EXPLAINED, FILE_NAME, schema, to_json, write

from .build import ONCE, VISIBLE, campaign, finding, history, judged, left_out, missing, profile, submit, window


def everything(folder: Path) -> CampaignResult:
    """A campaign that uses every part of the form."""
    journal = folder / "replica-lag" / "journal.jsonl"
    journal.parent.mkdir()
    journal.write_bytes(b"a journal\n")
    faults = [
        FaultChange(0, "lag", "armed", "replication", 0, {}),
        FaultChange(1, "lag", "effective", "replication", 0, {}),
        FaultChange(1, "lost-answer", "armed", "edge", 0, {}),
        FaultChange(2, "lost-answer", "fired", "edge", 1, {}),
        FaultChange(3, "lost-answer", "fired", "edge", 2, {"ms": 20}),
        FaultChange(3, "lost-answer", "fired", "edge", 2, {"instead_of": 200}),
        FaultChange(4, "cut", "armed", "replication", 0, {}),
    ]
    samples = [ReplicationSample(5, 900, 400, None), ReplicationSample(6, 900, 850, 203 * MS)]
    samples.append(ReplicationSample(7, 900, 300, 9 * MS, "read-model"))
    many = GuaranteeVerdict(VISIBLE, Result.VIOLATED, 40, 20, 9, tuple(finding(order=f"A-{i}") for i in range(9)))
    full = profile(
        "replica-lag",
        many,
        judged(
            ONCE,
            Result.INCONCLUSIVE,
            "the ledger was never read to its end",
            missing=MissingEvidence.WHOLE_LEDGER,
        ),
        journal=str(journal),
        history=history(faults, samples, submit(1, 0, 10), missing(2, 11, 12)),
        landing=window(seen_missing=1, p99_upper_ns=None, visible_at_once_share=None),
        notes=("a note",),
    )
    bare = profile("latency", judged("of-another-package", Result.ERROR, "the judge crashed"), complete=False)
    return campaign(
        full,
        bare,
        not_run=("duplicates",),
        options={"inject": True},
        left_out=(left_out("table-lag", "no seam for read-model", "landing-bounded"),),
        required=("table-lag", ONCE),
    )


def numbers(part: dict[str, Any]) -> Iterator[str]:
    """Names of all numbers in a JSON Schema."""
    for name, value in part.get("properties", {}).items():
        kinds = value.get("type", [])
        if "integer" in kinds or "number" in kinds:
            yield name
        yield from numbers(value)
        yield from numbers(value.get("items", {}))


def test_the_file_is_what_its_schema_says(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    write(everything(tmp_path), tmp_path / FILE_NAME)
    data = json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8"))
    jsonschema.validate(data, schema())
    data["profiles"][0]["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate(data, schema())


def test_every_number_has_its_unit_in_its_name() -> None:
    names = [name for part in (schema(), *schema()["$defs"].values()) for name in numbers(part)]
    units = ("_ms", "_ns", "_bytes", "_count", "_share")
    assert len(names) > 20
    assert {name for name in names if not name.endswith(units)} == {"seed", "op", "copy"}


def test_a_profile_carries_its_evidence(tmp_path: Path) -> None:
    full, bare = to_json(everything(tmp_path), tmp_path)["profiles"]
    assert full["journal"] == "replica-lag/journal.jsonl"
    assert full["journal_sha256"] == hashlib.sha256(b"a journal\n").hexdigest()
    assert full["replication"] == {"samples_count": 2, "max_behind_bytes": 500, "max_probe_lag_ms": 203.0}
    assert full["read_model"] == {"samples_count": 1, "max_behind_bytes": 600, "max_probe_lag_ms": 9.0}
    assert [(f["fault"], f["effective"], f["fired_count"], f["effective_count"]) for f in full["faults"]] == [
        ("lag", True, 0, 1),
        ("lost-answer", True, 2, 0),
        ("cut", False, 0, 0),
    ]
    assert full["landing"]["p99_ms"] == 3.0 and full["landing"]["p99_upper_ms"] is None
    assert (bare["journal_sha256"], bare["replication"], bare["landing"]) == (None, None, None)
    assert bare["read_model"] is None


def test_a_fault_that_did_nothing_is_among_the_notes(tmp_path: Path) -> None:
    armed = history([FaultChange(0, "lost-answer", "armed", "edge", 0, {})], submit(1, 0, 10))
    (told,) = to_json(campaign(profile("a", judged(), history=armed, notes=("a note",))), tmp_path)["profiles"]
    assert told["notes"] == ["a note", "the fault lost-answer was armed and nothing shows that it did anything"]


def test_the_first_findings_are_explained_and_all_are_listed(tmp_path: Path) -> None:
    findings = to_json(everything(tmp_path), tmp_path)["profiles"][0]["guarantees"][0]["findings"]
    assert len(findings) == 9
    assert sum(f["explanation"] is not None for f in findings) == EXPLAINED
    assert "broken clause" in findings[0]["explanation"]
    assert findings[0]["evidence"] == [{"op": 1, "copy": 0}, {"op": 2, "copy": 0}]


def test_a_finding_and_its_guarantee_name_their_cause(tmp_path: Path) -> None:
    follows = GuaranteeVerdict(
        VISIBLE, Result.VIOLATED, 4, 2, 1, (finding()._replace(follows_from=ONCE),), follows_from=ONCE
    )
    data = to_json(campaign(profile("a", follows, judged(ONCE, Result.VIOLATED))), tmp_path)
    jsonschema.validate(data, schema())
    visible, once = data["profiles"][0]["guarantees"]
    assert (visible["follows_from"], once["follows_from"]) == (ONCE, "")
    assert visible["result"] == "VIOLATED"
    assert visible["findings"][0]["follows_from"] == ONCE
    assert f"follows from   {ONCE}" in visible["findings"][0]["explanation"]


def test_a_damaged_answer_does_not_damage_the_file(tmp_path: Path) -> None:
    result = campaign(profile("a", judged(result=Result.VIOLATED, summary="lone \ud800 surrogate, \x00 and \x1b")))
    write(result, tmp_path / FILE_NAME)
    data = json.loads((tmp_path / FILE_NAME).read_bytes().decode("utf-8"))
    assert data["profiles"][0]["guarantees"][0]["violations_count"] == 3


def test_a_folder_that_cannot_be_written_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"cannot be written.*\n.*--out"):
        write(campaign(), tmp_path / "file" / FILE_NAME)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_what_is_missing_and_what_gives_it_stand_in_the_file(tmp_path: Path) -> None:
    data = to_json(everything(tmp_path), tmp_path)
    broken, unknown = data["profiles"][0]["guarantees"]
    assert unknown["missing"] == "whole-ledger" and "missing" not in broken
    (step,) = data["next_steps"]
    assert step["step"].startswith("let the contract's ledger section")
    assert (step["guarantees"], step["profiles"]) == ([ONCE], ["replica-lag"])


def test_the_schema_knows_whatever_can_be_missing() -> None:
    known = schema()["$defs"]["missing"]["oneOf"]
    assert [kind["const"] for kind in known] == [missing.value for missing in MissingEvidence]
    assert all(kind["description"] for kind in known)


def test_where_nothing_is_missing_the_file_is_as_before(tmp_path: Path) -> None:
    data = to_json(campaign(profile("a", judged(), judged(ONCE, Result.VIOLATED))), tmp_path)
    assert "next_steps" not in data
    assert all("missing" not in g for g in data["profiles"][0]["guarantees"])
    jsonschema.validate(data, schema())
