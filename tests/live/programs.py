"""Payment providers that others wrote, each a process of its own on loopback: found where .ci/peers.sh puts them (a CI
run must have them).
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

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
    with _serving([str(python), str(_FOREIGN / "serve_localstripe.py"), str(store)], {}) as (url, _):
        yield url


@contextmanager
def stripe_stateful_mock() -> Iterator[str]:
    """Its address."""
    settings = {"NODE_PATH": str(folder() / "node_modules"), "LOG_LEVEL": "silent"}
    with _serving(["node", str(_FOREIGN / "serve_stateful_mock.js")], settings) as (url, _):
        yield url


@contextmanager
def stripe_mock() -> Iterator[str]:
    """Its address."""
    anywhere = "127.0.0.1:0"
    command = [str(folder() / "stripe-mock"), "-http-addr", anywhere, "-https-addr", anywhere]
    with _serving(command, {}, before="Listening for HTTP at address: 127.0.0.1:") as (url, _):
        yield url


class LNbits(NamedTuple):
    url: str
    main_key: str
    other_key: str
    payee_key: str
    """Of a wallet that may make invoices with it and pay none."""


@contextmanager
def lnbits(data: Path) -> Iterator[LNbits]:
    """Two wallets that have money and one that is paid; ``data`` is the folder that it writes to. Skips the test where
    no Python is that it runs on.
    """
    home = folder() / "lnbits"
    if (home / "left-out").exists():
        pytest.skip((home / "left-out").read_text().strip())
    command = [str(home / "venv" / "bin" / "python"), str(_FOREIGN / "serve_lnbits.py"), str(data)]
    with _serving(command, {}) as (url, keys):
        yield LNbits(url, *keys)


@contextmanager
def _serving(command: list[str], settings: dict[str, str], before: str = "") -> Iterator[tuple[str, list[str]]]:
    """A program that prints its port once it takes connections, the text ``before`` ahead of it: its address,
    and the words behind the port.
    """
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | settings
    )
    assert process.stdout is not None
    try:
        line = next((line for line in process.stdout if line.startswith(before)), "")
        port, *words = line.removeprefix(before).split() or [""]
        assert port.isdigit(), f"{command} did not start"
        threading.Thread(target=deque, args=(process.stdout, 0)).start()  # what it logs would stop it one day
        yield f"http://127.0.0.1:{port}", words
    finally:
        process.terminate()
        process.wait()
