"""Payment providers that others wrote, each a process of its own on loopback: found where .ci/peers.sh puts them (a CI
run must have them).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_FOREIGN = _HERE / "foreign"
CONTRACTS = _HERE / "contracts"


def folder() -> Path:
    """Where they are. Without them a test fails under ``CI=true`` and is skipped elsewhere."""
    found = Path(os.environ.get("ACKORD_PEERS") or _HERE.parents[1] / ".tools" / "peers")
    if not (found / "installed").exists():
        missing = "the providers of other authors are not here; .ci/peers.sh installs them"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@contextmanager
def localstripe(store: Path) -> Iterator[str]:
    """Its address; ``store`` is the file that it writes to."""
    python = folder() / "venv" / "bin" / "python"
    with _serving([str(python), str(_FOREIGN / "serve_localstripe.py"), str(store)], {}) as url:
        yield url


@contextmanager
def stripe_stateful_mock() -> Iterator[str]:
    """Its address."""
    settings = {"NODE_PATH": str(folder() / "node_modules"), "LOG_LEVEL": "silent"}
    with _serving(["node", str(_FOREIGN / "serve_stateful_mock.js")], settings) as url:
        yield url


@contextmanager
def _serving(command: list[str], settings: dict[str, str]) -> Iterator[str]:
    """A program that prints its port once it takes connections, and nothing else that is of interest."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | settings
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port.isdigit(), f"{command} did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()
