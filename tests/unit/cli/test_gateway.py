"""What ``ackord gateway`` cannot do is one error and exit 2, before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord import cli


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--upstream", "https://api.example.com"], "not a loopback address"),
        (["--upstream", "http://user@127.0.0.1:9"], "belong to no address"),
        (["--proxy-host", "a/b"], "is no host"),
        (["--profile", "stale-read"], "stale-reads"),
        (["--contract", "referense"], "reference"),
        (["--profile", "replica-lag", "--upstream", "http://127.0.0.1:9"], "needs replication"),
    ],
)
def test_what_cannot_be(
    words: list[str],
    problem: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *a: None)
    given = {"--contract": "reference", "--profile": "stale-reads", **dict(zip(words[::2], words[1::2], strict=True))}
    flags = [word for pair in given.items() for word in pair]
    monkeypatch.setattr("sys.argv", ["ackord", "gateway", *flags])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert problem in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
