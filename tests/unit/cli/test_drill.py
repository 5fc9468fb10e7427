"""The words of ``ackord drill``."""

from __future__ import annotations

import sys

import pytest

from ackord import cli


def drill(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("signal.signal", lambda *a: None)
    monkeypatch.setattr(sys, "argv", ["ackord", "drill", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reference", "--profile", "none"], "COMMAND"),
        (["reference", "--", "true"], "a drill is about the faults of a profile"),
        (["reference", "--profile", "none", "--", "no-such-program", "--x"], "no-such-program is not there"),
        (["reference", "--profile", "none", "--env", "1", "--", "true"], "--env 1: no name of a variable"),
        (["--profile", "none", "--", "no-such-program", "pay.js"], 'no contract is called "no-such-program"'),
        (["spleen", "--profile", "none", "--", "true"], 'no contract is called "spleen"'),
    ],
)
def test_a_mistake_is_exit_2_and_starts_nothing(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drill(monkeypatch, *words) == 2
    assert said.lower() in capsys.readouterr().err.lower()
