"""An encoding that is one file more: its contract is certified, through gateway and emulator, like any other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ..test_recipes import CONTRACT_OF_PAIRS, GUIDE, with_one_more_file


def test_a_contract_in_the_recipe_s_encoding_is_certified(tmp_path: Path) -> None:
    (tmp_path / "pairs.yaml").write_text(CONTRACT_OF_PAIRS)
    profile = GUIDE.parents[1] / "chaos_profiles" / "replica-lag.yaml"
    command = [sys.executable, "-m", "ackord", "certify", str(tmp_path / "pairs.yaml"), "--target", "emulator"]
    done = subprocess.run(
        [*command, "--profile", str(profile), "--seed", "3", "--budget", "quick", "--out", str(tmp_path / "out")],
        env=with_one_more_file(tmp_path),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [judged] = json.loads((tmp_path / "out" / "result.json").read_text())["profiles"]
    [visible] = [g for g in judged["guarantees"] if g["id"] == "acknowledged-order-visible"]
    assert (visible["result"], visible["exposures_count"] > 100) == ("HELD", True)
