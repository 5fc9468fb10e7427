"""Runs in parts, runs again and runs that end early: what is told of them, and what a gate makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ackord import cli

from .small_payouts import TINY, Asked, Certify, Reply, SmallPayouts


def result_in(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return data


def forgets(asked: Asked, reply: Reply) -> Reply:
    """Answer every query with "not found"."""
    return Reply(404, {"error": "not_found"}) if asked.method == "GET" and asked.path.startswith("/payouts") else reply


@pytest.fixture
def twin(tmp_path: Path) -> tuple[str, str]:
    """Two profiles alike."""
    paths = [tmp_path / f"{name}.yaml" for name in ("tiny", "twin")]
    for path in paths:
        path.write_text(TINY.replace("name: tiny", f"name: {path.stem}"))
    return str(paths[0]), str(paths[1])


def test_what_is_broken_in_one_of_three_runs_is_broken_and_is_told_k_of_n(certify: Certify, tmp_path: Path) -> None:
    with SmallPayouts() as provider:
        seen: set[str] = set()

        def spoil(asked: Asked, reply: Reply) -> Reply:
            journals = sorted(p.parent.name for p in (tmp_path / "out").glob("*/journal.jsonl"))
            seen.update(journals)
            return forgets(asked, reply) if journals == ["tiny", "tiny-2"] else reply

        provider.spoil = spoil
        code, said = certify(provider, "--repeat", "3")
    assert (code, seen) == (1, {"tiny", "tiny-2", "tiny-3"})
    assert "tiny: acknowledged-order-visible was broken in 1 of 3 runs; one is enough" in said
    assert "under 1 of 3 runs of 1 profile" in said
    data = result_in(tmp_path / "out")
    assert [(p["label"], p["result"]) for p in data["profiles"]] == [
        ("tiny", "HELD"), ("tiny-2", "VIOLATED"), ("tiny-3", "HELD"),
    ]  # fmt: skip
    assert "--repeat 3" in data["repeat_command"]


def test_a_run_ends_after_the_first_broken_profile(certify: Certify, tmp_path: Path, twin: tuple[str, str]) -> None:
    profiles = ("--profile", twin[0], "--profile", twin[1])
    with SmallPayouts(forgets) as provider:
        code, said = certify(provider, "--fail-fast", *profiles)
    data = result_in(tmp_path / "out")
    assert (code, [p["profile"] for p in data["profiles"]], data["not_run"]) == (1, ["tiny"], ["twin"])
    assert "not run, because the run stopped early: twin" in said
    with SmallPayouts() as provider:
        assert certify(provider, "--fail-fast", *profiles)[0] == 0
    assert result_in(tmp_path / "out")["not_run"] == []


def test_shards_are_merged_into_the_campaign_that_one_run_would_have_been(
    certify: Certify, tmp_path: Path, twin: tuple[str, str], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def ackord(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["ackord", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    folders = [str(tmp_path / f"s{n}") for n in (1, 2)]
    profiles = [word for path in twin for word in ("--profile", path)]
    for n, folder in enumerate(folders, 1):
        with SmallPayouts(forgets if n == 2 else lambda asked, reply: reply) as provider:
            code, said = certify(
                provider,
                "--shard",
                f"{n}/2",
                "--require",
                twin[1],
                "--provider-version",
                "1.0",
                "--out",
                folder,
                *profiles,
            )
        assert (code, f"this is shard {n}/2" in said) == (n - 1, True), (
            "a required profile of another shard is no doubt"
        )
    assert ackord("gate", folders[0])[0] == 3, "a shard by itself passes no gate"
    code, said = ackord("report", "merge", folders[0], "--out", str(tmp_path / "whole"))
    assert (code, "shard 2/2 of the campaign is missing" in said) == (2, True)
    assert ackord("report", "merge", *reversed(folders), "--out", str(tmp_path / "whole"))[0] == 0
    data = result_in(tmp_path / "whole")
    assert [(p["profile"], p["result"]) for p in data["profiles"]] == [("tiny", "HELD"), ("twin", "VIOLATED")]
    assert (data["seed"], data["shard"], data["doubts"], data["provider_version"]) == (1, None, [], "1.0")
    assert data["repeat_command"].endswith(f"--profile {twin[0]} --profile {twin[1]} --require {twin[1]} --budget quick "
                                           "--seed 1 --provider-version 1.0")  # fmt: skip
    code, said = ackord("gate", str(tmp_path / "whole"))
    assert (code, "new finding: VIOLATED acknowledged-order-visible under twin" in said) == (1, True)
