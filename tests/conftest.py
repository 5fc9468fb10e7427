"""What every test session prints first."""

from __future__ import annotations

from ackord.core.clock import RealClock


def pytest_report_header() -> str:
    return f"seed of the day: {RealClock.wall_iso()[:10].replace('-', '')}"
