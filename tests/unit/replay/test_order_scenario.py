"""The scenario file: read, written, refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.errors import FileError
from ackord.replay.order_scenario import contract_seen_from, read_scenario, scenario_text, write_scenario

from .build import scenario

TEXT = """version: 1
contract: reference
guarantee: acknowledged-order-visible
amount_minor: 1999
faults:
- {fault: replication-latency, ms: 200}
steps:
- {do: arm, fault: replication-latency}
- {do: submit, faults: [{fault: lost-answer, mode: hang}]}
- {do: query, held: until-acknowledged}
"""


def written(tmp_path: Path, old: str = "", new: str = "") -> Path:
    assert old in TEXT
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT.replace(old, new) if old else TEXT)
    return path


def test_a_file_is_read_and_written_alike(tmp_path: Path) -> None:
    found = read_scenario(written(tmp_path))
    again = tmp_path / "again.yaml"
    write_scenario(found, again)
    assert read_scenario(again) == found
    assert "- {do: submit, faults: [{fault: lost-answer, mode: hang}]}\n" in again.read_text()
    assert found.size == "2 operations, 2 faults, 0 ms of waits"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("version: 1", "version: 2", 1, "version"),
        ("order-visible", "order-visble", 3, 'Did you mean "acknowledged-order-visible"'),
        ("amount_minor: 1999", "seed: 7\namount_minor: 1999", 4, "seed"),
        ("arm, fault: replication-latency", "arm, fault: replication-cut", 7, 'is called "replication-cut"'),
        ("arm, fault: replication-latency", "arm", 8, "names no fault"),
        ("query, held: until-acknowledged", "query, held: until-all-sent", 10, "is not held until-all-sent"),
        ("{fault: lost-answer, mode: hang}", "{fault: replication-cut}", 9, "hits no single operation"),
        ("{fault: lost-answer, mode: hang}", "{fault: stale-reads}", 9, "hits queries alone"),
        ("query, held: until-acknowledged", "query, amount_minor: 5", 10, "carries no payload"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    path = written(tmp_path, old, new)
    with pytest.raises(FileError) as raised:
        read_scenario(path)
    assert str(raised.value).startswith(f"{path}:{line}: ")
    assert says in str(raised.value)


def test_faults_alone_are_no_scenario(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT.split("- {do: submit")[0])
    with pytest.raises(FileError, match="no step is an operation"):
        read_scenario(path)


def test_a_fault_that_makes_up_answers_judges_no_provider(tmp_path: Path) -> None:
    path = written(tmp_path, "- {do: query, held: until-acknowledged}", "- {do: query, faults: [{fault: stale-reads, least_ms: 1, most_ms: 2}]}")  # fmt: skip
    with pytest.raises(FileError, match="no provider can be judged by it"):
        read_scenario(path)


def test_a_contract_is_named_or_found_from_the_file_s_folder(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    contract = tmp_path / "contracts" / "mine.yaml"
    contract.write_text("")
    assert contract_seen_from(tmp_path / "out", "reference") == "reference"
    assert contract_seen_from(tmp_path / "out", str(contract)) == "../contracts/mine.yaml"
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / "scenario.yaml"
    write_scenario(scenario({"do": "submit"}, contract=str(contract)), path)
    assert read_scenario(path).contract == str(contract.resolve())


def test_defaults_are_not_written() -> None:
    text = scenario_text(scenario({"do": "submit"}, {"do": "query", "wait_ms": 2.5}), Path())
    assert text.endswith("amount_minor: 500\nsteps:\n- {do: submit}\n- {do: query, wait_ms: 2.5}\n")


def test_each_payload_may_count_as_an_order() -> None:
    altered = {"do": "submit", "amount_minor": 501}
    assert scenario({"do": "query"}).payloads == 1
    assert scenario({"do": "submit"}, {"do": "submit"}, altered, {"do": "submit", "account": "other"}).payloads == 3
