"""``ackord campaign`` refuses what is wrong before anything is run."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ackord.cli import app
from ackord.errors import AckordError


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["reference", "no-such-contract"], "no-such-contract"),
        (["reference", "--profile", "no-such-profile"], "no-such-profile"),
        (["reference", "--shard", "3/2"], "--shard 3/2"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_run(tmp_path: Path, words: list[str], says: str) -> None:
    result = CliRunner().invoke(app, ["campaign", *words, "--out", str(tmp_path / "runs")])
    assert isinstance(result.exception, AckordError)
    assert result.exception.exit_code == 2
    assert says in str(result.exception)
    assert not (tmp_path / "runs").exists()
