"""docs/FIRST_CONTRACT.md: the way from an API's documentation to a contract, walked as it is written, on an API that
Ackord has never seen.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .api import KEYS, serve

GUIDE = Path(__file__).parents[3] / "docs" / "FIRST_CONTRACT.md"


@pytest.mark.skipif(not GUIDE.is_file(), reason="the docs are in a checkout only")
def test_the_readme_s_way_from_documentation_to_a_contract(tmp_path: Path) -> None:
    calls, commands = (
        re.search(rf"^<!-- {name} -->\n```sh\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
        for name in ("calls", "newcomer")
    )
    assert calls is not None and commands is not None
    (tmp_path / "calls.txt").write_text(calls[1])
    with serve() as port:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-e", "-c", commands[1].replace("127.0.0.1:8095", f"127.0.0.1:{port}")],
            cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("  ok ") == 6
    assert "WRONG" not in done.stdout
    assert "HELD:" in done.stdout
    draft = (tmp_path / "mine.yaml").read_text()
    assert not any(key in draft for key in KEYS)
    assert '"${env:PROVIDER_KEY}"' in draft
