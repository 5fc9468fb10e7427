"""The README's walk-through for who wrote the merchant, copied and pasted: the merchant pays twice, the mended one once."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README, GUIDE = ROOT / "README.md", ROOT / "docs/MERCHANTS.md"

pytestmark = pytest.mark.skipif(not README.is_file(), reason="the documents are in a checkout only")


def block(file: Path, name: str, language: str) -> str:
    found = re.search(rf"^<!-- {name} -->\n```{language}\n(.*?)^```$", file.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{file.name} has no block {name}"
    return found[1]


def drilled(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    (folder / "pay.py").write_text(program)
    words = shlex.split(block(README, "drill", "sh"))
    assert words[0] == "ackord"
    assert words[-2:] == ["python", "pay.py"]
    command = [sys.executable, "-m", *words[:-2], sys.executable, "pay.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180)


def test_the_merchant_of_the_readme_pays_twice(tmp_path: Path) -> None:
    done = drilled(tmp_path, block(README, "merchant", "python"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "VIOLATED  merchant-pays-once  under profile stale-reads" in done.stdout
    assert "took the answer 404" in done.stdout


def test_the_mended_one_holds(tmp_path: Path) -> None:
    done = drilled(tmp_path, block(GUIDE, "mended", "python"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "HELD" in done.stdout
