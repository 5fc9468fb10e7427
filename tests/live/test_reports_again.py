"""Reports of live runs, printed as JSON alone and made again from the evidence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ..tiers import gate
from .small_payouts import TINY, Asked, Reply, SmallPayouts, contract_at

BUSY = TINY.replace("tiny", "busy").replace("orders: 12", "orders: 200")


def ackord(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "ackord", *words],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("end", gate(["held", "violated", "dies"], ["violated"]))
def test_reports_are_the_same_again(tmp_path: Path, end: str) -> None:
    (tmp_path / "tiny.yaml").write_text(TINY)
    (tmp_path / "busy.yaml").write_text(BUSY)
    contract = Path(contract_at(tmp_path)).name

    def spoil(asked: Asked, reply: Reply) -> Reply:
        if end == "dies" and len(provider.orders()) > 60:
            provider.die()
        if end == "violated" and asked.method == "GET" and asked.path.startswith("/payouts"):
            return Reply(404, {"error": "not_found"})
        return reply

    with SmallPayouts(spoil) as provider:
        profiles = [
            "--profile",
            "tiny.yaml",
            *(["--profile", "busy.yaml", "--profile", "none"] if end == "dies" else []),
        ]
        ran = ackord(
            tmp_path, "certify", contract, "--target", provider.url, "--seed", "1", "--out", "out", "--json", *profiles
        )
    code = {"held": 0, "violated": 1, "dies": 4}[end]
    assert ran.returncode == code, ran.stderr
    before = files(tmp_path / "out")
    assert ran.stdout.encode() == before["result.json"], "and nothing else"
    assert "tiny: " in ran.stderr, "the progress"

    told = json.loads(before["result.json"])
    assert told["not_run"] == (["none"] if end == "dies" else [])
    again = ackord(tmp_path, "report", "out", "--contract", contract)
    assert again.returncode == 0, again.stderr
    assert files(tmp_path / "out") == before
    one = ackord(tmp_path, "report", "out", "--contract", contract, "--format", "markdown", "--out", "-")
    assert one.stdout.encode() == before["ackord-summary.md"]
    if end == "violated":
        (first, *_) = [r for r in json.loads(before["ackord.sarif"])["runs"][0]["results"]
                       if r["ruleId"] == "acknowledged-order-visible"]  # fmt: skip
        place = first["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == contract
        line = (tmp_path / contract).read_text().splitlines()[place["region"]["startLine"] - 1]
        assert line.startswith("promises: {not_found: forbidden")
