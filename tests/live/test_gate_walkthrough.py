"""The walk-through of docs/GATE.md, command by command, as a newcomer copies it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ackord import cli

GUIDE = Path(__file__).parents[2] / "docs" / "GATE.md"
pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason="the docs are in a checkout only")


def block(name: str) -> str:
    found = re.search(rf"^<!-- gate: {name} -->\n```\w+\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/GATE.md has no block {name}"
    return found[1]


def test_the_walk_through_goes_as_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *a: None)

    def ackord(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["ackord", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    def play(name: str, *codes: int) -> str:
        """Run a block's commands, each of which must end with its exit code; return what the last one said."""
        commands = [shlex.split(line)[1:] for line in block(name).splitlines()]
        assert len(commands) == len(codes)
        said = ""
        for words, code in zip(commands, codes, strict=True):
            ended, said = ackord(*words)
            assert ended == code, f"{shlex.join(words)}: exit {ended}\n{said}"
        return said

    play("red", 1)
    (tmp_path / "gate.yaml").write_text(block("policy"))
    said = play("fails", 1)
    assert "new finding: VIOLATED acknowledged-order-visible under replica-lag" in said
    assert "ackord gate baseline red --policy gate.yaml --owner NAME" in said
    assert "accepted  VIOLATED acknowledged-order-visible under replica-lag" in play("accept", 0)
    assert "known finding: VIOLATED acknowledged-order-visible" in play("passes", 0)
    code, said = ackord("gate", "red", "--policy", "gate.yaml", "--on", "2099-01-01")
    assert (code, "expired waiver: VIOLATED acknowledged-order-visible" in said) == (1, True)
    assert "stale waiver: acknowledged-order-visible under replica-lag: it held" in play("stale", 0, 1)
    assert said.count("FAILS") == (tmp_path / "baseline.yaml").read_text().count("- id:")
    assert "GATE PASSED: 1 profile run judged. Exit code 0." in play("mended", 0, 0)
    assert "YES: ackord-reference 1.1" in play("ship", 0, 0, 0)
