"""The words of ``ackord replay`` and ``ackord scenario``; what is played is in tests/live/test_replay.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ackord.cli import app
from ackord.replay.order_scenario import OrderScenario

GOOD = "version: 1\ncontract: reference\nguarantee: landing-bounded\namount_minor: 5\nsteps:\n- {do: submit}\n"


def test_a_scenario_is_checked(run: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD)
    assert run("scenario", "check", "mine.yaml")[:2] == (
        0, "mine.yaml: 1 operation, 0 faults, 0 ms of waits: all is well\n"
    )  # fmt: skip
    (tmp_path / "mine.yaml").write_text(GOOD.replace("submit", "sumbit"))
    code, _, said = run("scenario", "check", "mine.yaml")
    assert code == 2
    assert said.startswith("ackord: mine.yaml:6: ")
    assert 'Did you mean "submit"?' in said


def test_the_schema_describes_every_field() -> None:
    schema = json.loads(CliRunner().invoke(app, ["scenario", "schema"]).output)
    for fields in (schema["properties"], schema["$defs"]["ScenarioStep"]["properties"]):
        assert all(field.get("description") for field in fields.values())
    assert set(schema["properties"]) == set(OrderScenario.model_fields)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["replay", "nowhere"], "nowhere holds no evidence of a run"),
        (["replay", "nothing.yaml"], "nothing.yaml: there is no such file"),
        (["replay", "mine.yaml", "--order", "n1"], "--order and --guarantee choose from a folder of evidence"),
        (["replay", "mine.yaml", "--shrink-time", "soon"], "--shrink-time soon: this is no time"),
        (["replay", "mine.yaml", "--flaw", "standby"], 'no flaw is called "standby"'),
    ],
)
def test_a_mistake_is_one_error_before_anything_is_started(
    run: Any, tmp_path: Path, words: list[str], says: str
) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD)
    code, out, said = run(*words)
    assert (code, out) == (2, "")
    assert said.startswith(f"ackord: {says}")
