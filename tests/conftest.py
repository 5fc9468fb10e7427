"""What every test session prints first, and where the programs are that some tests need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ackord.core.clock import RealClock


def pytest_report_header() -> str:
    return f"seed of the day: {RealClock.wall_iso()[:10].replace('-', '')}"


@pytest.fixture(scope="session")
def toxiproxy_program() -> str:
    """A real Toxiproxy server's program: where tests run for good it must be there, elsewhere they may be left out."""
    here = Path(__file__).parent.parent / ".tools" / "bin" / "toxiproxy-server"
    program = str(here) if here.exists() else shutil.which("toxiproxy-server")
    if program is None:
        why = "toxiproxy-server is not there. Install it with: .ci/toxiproxy.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
    return program
