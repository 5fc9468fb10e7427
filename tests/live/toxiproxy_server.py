"""The real Toxiproxy server, for tests that compare with it: found on the path or in ``.tools/bin``; a CI run must have it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

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
