"""A version ships if everything that is wanted of it passed, in every run that is recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.errors import UnknownNameError, UsageError
from ackord.gate.compatibility import can_i_ship, ship_json, ship_markdown, ship_text
from ackord.gate.recorded_results import RecordedRun

BASE: dict[str, Any] = {
    "contract": "reference", "contract_sha256": "c1", "provider_version": "1.0", "suite_version": "0.1.0",
    "profile": "none", "profile_sha256": "p1", "result": "HELD", "ships": "yes", "why": "", "seed": 7,
    "budget": "quick", "started": "2027-01-01T00:00:00Z", "journal_sha256": "j1",
}  # fmt: skip


def row(**more: Any) -> RecordedRun:
    if more.get("ships", "yes") != "yes":
        more.setdefault("why", "new finding: it went wrong")
    return RecordedRun(**(BASE | more))


def test_what_passed_ships() -> None:
    answer = can_i_ship([row(), row(profile="latency")], "1.0", "0.1.0")
    assert (answer.ships, answer.exit_code, answer.wanted) == (True, 0, ("latency", "none"))


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ({"ships": "no"}, 1, "none: no: new finding: it went wrong (seed 7"),
        ({"ships": "unknown"}, 3, "none: unknown: "),
        ({"provider_version": "0.9"}, 3, "none: nothing is recorded for provider 1.0 and suite 0.1.0"),
        ({"suite_version": "0.0.9"}, 3, "none: nothing is recorded for provider 1.0 and suite 0.1.0"),
    ],
)
def test_what_did_not_pass_does_not_ship(more: dict[str, Any], code: int, says: str) -> None:
    answer = can_i_ship([row(**more)], "1.0", "0.1.0")
    assert (answer.ships, answer.exit_code) == (False, code)
    assert answer.reasons[0].startswith(says)


def test_no_run_makes_another_one_good() -> None:
    answer = can_i_ship([row(), row(ships="no"), row()], "1.0", "0.1.0")
    assert answer.exit_code == 1
    assert "no (2 of 3 runs passed)" in answer.reasons[0]
    later = can_i_ship([row(ships="unknown"), row()], "1.0", "0.1.0")
    assert later.ships, "a run that proved nothing says nothing against a later one"


def test_what_is_wanted_and_was_never_recorded_is_not_known() -> None:
    answer = can_i_ship([row()], "1.0", "0.1.0", profiles=["none", "replica-lag"])
    assert (answer.exit_code, len(answer.reasons)) == (3, 1)
    assert can_i_ship([row(), row(profile="latency", ships="no")], "1.0", "0.1.0", profiles=["none"]).ships


def test_an_earlier_form_of_contract_or_profile_proves_nothing() -> None:
    new = row(provider_version="1.1", started="2027-01-02T00:00:00Z", contract_sha256="c2")
    answer = can_i_ship([row(), new], "1.0", "0.1.0")
    assert answer.exit_code == 3
    assert "an earlier form of the contract or the profile only" in answer.reasons[0]
    assert can_i_ship([row(), new], "1.1", "0.1.0").ships
    changed = row(provider_version="1.1", started="2027-01-02T00:00:00Z", profile_sha256="p2")
    assert can_i_ship([row(), changed], "1.0", "0.1.0").exit_code == 3


def test_the_contract_is_named_where_there_are_several() -> None:
    rows = [row(), row(contract="other", ships="no")]
    with pytest.raises(UsageError, match="several contracts are recorded: other, reference"):
        can_i_ship(rows, "1.0", "0.1.0")
    assert can_i_ship(rows, "1.0", "0.1.0", contract="reference").ships
    with pytest.raises(UnknownNameError, match='Did you mean "reference"'):
        can_i_ship(rows, "1.0", "0.1.0", contract="referenc")


def test_the_matrix_is_shown_newest_first() -> None:
    rows = [
        row(),
        row(profile="latency"),
        row(provider_version="1.1", ships="no", started="2027-01-02T00:00:00Z"),
        row(provider_version="1.1", ships="yes", started="2027-01-03T00:00:00Z"),
    ]
    answer = can_i_ship(rows, "1.1", "0.1.0")
    table = [line for line in ship_markdown(answer).splitlines() if line.startswith("|")]
    assert table == [
        "| provider | suite | latency | none |",
        "|---|---|---|---|",
        "| 1.1 | 0.1.0 | - | no (1 of 2 runs passed) |",
        "| 1.0 | 0.1.0 | yes | yes |",
    ]
    assert ship_text(answer).splitlines()[-1] == (
        "NO: reference 1.1, by suite 0.1.0: 2 of 2 profiles did not pass. Exit code 1."
    )
    data = json.loads(ship_json(answer))
    assert (data["ships"], data["exit_code"], len(data["matrix"])) == (False, 1, 4)
    assert {(c["provider_version"], c["profile"]): c["ships"] for c in data["matrix"]}[("1.1", "latency")] == "unknown"
