"""Every fuzzing target for a few seconds, with a seed that stays the same; `tests/fuzz` runs them for as long as one
likes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(CHECKOUT)}


@pytest.mark.parametrize("target", ["contract", "gateway", "profile", "toxics-api"])
def test_a_short_run_finds_nothing(target: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.fuzz", "--target", target, "--minutes", "0.06", "--seed", "7"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    tried = re.search(r"seed 7, ([0-9,]+) inputs", done.stdout)
    assert tried is not None
    assert int(tried[1].replace(",", "")) >= 20, "nothing was tried"
    assert f"{target}: no finding" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_finding_is_told_with_its_input(tmp_path: Path) -> None:
    """A harness that cannot fail would prove nothing: a loader that breaks is put in the place of the real one."""
    (tmp_path / "broken.py").write_text(
        "import sys\n"
        "from tests.fuzz import fuzz, profiles\n"
        "real = profiles.read_profile\n"
        "def load(name):\n"
        "    if isinstance(name, str):\n"
        "        return real(name)\n"
        "    raise KeyError('broken on purpose')\n"
        "profiles.read_profile = load\n"
        "sys.exit(fuzz.main(['--target', 'profile', '--minutes', '0.05']))\n"
    )
    done = subprocess.run(
        [sys.executable, "broken.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "KeyError: 'broken on purpose'" in done.stdout
    (kept,) = (tmp_path / "fuzz-findings").iterdir()
    assert kept.read_bytes()
