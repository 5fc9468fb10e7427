"""Servers with Toxiproxy's interface, for tests: the real one, found on the path or in ``.tools/bin`` (a CI run must
have it), and ours.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .peers import PATIENCE_S

_TOOLS = Path(__file__).parents[2] / ".tools" / "bin"


def toxiproxy_server() -> str:
    """The path of its program. Without it a test fails under ``CI=true`` and is skipped elsewhere."""
    found = shutil.which("toxiproxy-server", path=f"{_TOOLS}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        missing = "the real Toxiproxy server is not here; .ci/toxiproxy.sh installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@contextmanager
def embedded_server(*arguments: str) -> Iterator[str]:
    """``ackord toxics serve`` on a free port; its address. It must end in order."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ackord", "toxics", "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://[\d.]+:\d+$", line)
        assert found, line
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
