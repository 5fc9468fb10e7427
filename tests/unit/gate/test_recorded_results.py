"""Results are kept as lines that people and machines read, and a damaged line is one error."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ackord.core.result import CampaignResult
from ackord.core.shard import Shard
from ackord.core.verdict import Result
from ackord.errors import FileError, UsageError
from ackord.gate.recorded_results import RecordedRun, read_results, record_results, results_of
from tests.unit.report.build import ONCE, VISIBLE, campaign, judged, profile

from .build import baseline, gate, held, policy, violated, waiver


def versioned(folder: Path, result: CampaignResult, version: str = "2.4.1") -> CampaignResult:
    """Give each profile a journal, as a run leaves it."""
    profiles = []
    for p in result.profiles:
        path = folder / f"{p.profile}.jsonl.journal"
        path.write_text(f"{p.profile} {version}")
        profiles.append(replace(p, journal=str(path)))
    return replace(result, profiles=tuple(profiles), provider_version=version)


def rows(folder: Path, result: CampaignResult) -> list[RecordedRun]:
    result = versioned(folder, result)
    return results_of(result, gate(result))


def test_a_run_is_recorded_as_the_gate_judged_it(tmp_path: Path) -> None:
    broken, clean = rows(tmp_path, violated())
    assert (broken.profile, broken.result, broken.ships) == ("replica-lag", "VIOLATED", "no")
    assert broken.why.startswith("new finding: VIOLATED acknowledged-order-visible")
    assert (clean.profile, clean.ships, clean.why, clean.provider_version) == ("none", "yes", "", "2.4.1")


def test_a_known_finding_ships_and_what_is_not_judged_is_unknown(tmp_path: Path) -> None:
    known = versioned(tmp_path, violated())
    (first, _) = results_of(known, gate(known, known=baseline(tmp_path, waiver())))
    assert (first.result, first.ships) == ("VIOLATED", "yes")
    (unknown,) = rows(tmp_path, campaign(profile("none", judged(VISIBLE, Result.INCONCLUSIVE, "few"), judged(ONCE))))
    assert unknown.ships == "unknown"


def test_a_doubt_about_the_whole_is_one_about_each_profile_and_what_was_not_run_is_not(tmp_path: Path) -> None:
    assert {row.ships for row in rows(tmp_path, replace(held(), failure="gone"))} == {"unknown"}
    result = versioned(tmp_path, held())
    verdict = gate(result, policy(tmp_path, "require: {profiles: [latency]}\n"))
    assert {row.ships for row in results_of(result, verdict)} == {"yes"}


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (held(), "--provider-version"),
        (replace(campaign(), provider_version="1"), "judged no profile"),
        (replace(held(), provider_version="1", shard=Shard(1, 2, 7, ("a", "b"), "again")), "ackord report merge"),
    ],
)
def test_what_says_nothing_of_a_version_is_not_recorded(result: CampaignResult, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        results_of(result, gate(result))


def test_the_same_run_is_recorded_once_in_a_file_and_in_a_folder(tmp_path: Path) -> None:
    mine = rows(tmp_path, violated())
    for place in (tmp_path / "results.jsonl", tmp_path):
        written = record_results(place, mine)
        assert record_results(place, [replace(row, ships="yes") for row in mine]) == written
        assert [row.ships for row in read_results(written)] == ["yes", "yes"]
    assert written.name.startswith("reference-2.4.1-")
    assert len(read_results(tmp_path)) == 4, "all files of the folder"


def test_rows_are_added_to_a_file(tmp_path: Path) -> None:
    place = tmp_path / "results.jsonl"
    record_results(place, rows(tmp_path, held()))
    other = versioned(tmp_path, held(), "2.5.0")
    record_results(place, results_of(other, gate(other)))
    assert [row.provider_version for row in read_results(place)] == ["2.4.1", "2.4.1", "2.5.0", "2.5.0"]


def test_a_damaged_file_is_one_error_with_its_line(tmp_path: Path) -> None:
    place = record_results(tmp_path / "results.jsonl", rows(tmp_path, held()))
    good = place.read_text().splitlines()
    data = json.loads(good[1])
    for line, says in (
        ("{", "no JSON"),
        ("[]", "no recorded result"),
        (json.dumps(data | {"version": 2}), "it is of version 2"),
        (json.dumps(data | {"seed": "7"}), '"seed" is missing, unknown or of another kind'),
        (json.dumps(data | {"more": 1}), '"more" is missing, unknown'),
        (json.dumps({k: v for k, v in data.items() if k != "why"}), '"why" is missing'),
        (json.dumps(data | {"ships": "perhaps"}), "\"ships\" is 'perhaps'"),
    ):
        place.write_text(f"{good[0]}\n{line}\n")
        with pytest.raises(FileError) as error:
            read_results(place)
        assert "results.jsonl:2: " in str(error.value) and says in str(error.value)


def test_nothing_recorded_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no recorded results"):
        read_results(tmp_path)
    with pytest.raises(FileError, match="cannot be read"):
        read_results(tmp_path / "nowhere.jsonl")
