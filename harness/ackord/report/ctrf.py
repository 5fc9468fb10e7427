"""Writes ``ackord-ctrf.json``, the Common Test Report Format (specification 0.0.0): one test per guarantee and profile.

Only ``HELD`` passes, as in JUnit; ``rawStatus`` has the result itself, so that *inconclusive* is told from *violated*.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .. import __version__
from ..core.clock import MS
from ..core.result import CampaignResult
from .cases import CaseOutcome, CaseSuite, ReportCase, case_suites
from .files import json_bytes
from .format import printable

__all__ = ["FILE_NAME", "render", "to_json"]

FILE_NAME = "ackord-ctrf.json"
_STATUS = {
    CaseOutcome.PASSED: "passed",
    CaseOutcome.FAILURE: "failed",
    CaseOutcome.ERROR: "failed",
    CaseOutcome.SKIPPED: "skipped",
}


def render(result: CampaignResult) -> bytes:
    """Return the file's content."""
    return json_bytes(to_json(result))


def to_json(result: CampaignResult) -> dict[str, Any]:
    """Return the document. Instants are milliseconds since 1970, 0 where the begin is not known."""
    suites = case_suites(result)
    tests = [_test(result, suite, case) for suite in suites for case in suite.cases]
    statuses = [test["status"] for test in tests]
    start_ms = _start_ms(result.started)
    elapsed_ms = result.elapsed_ns // MS
    return {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "generatedBy": f"ackord {__version__}",
        "results": {
            "tool": {"name": "ackord", "version": __version__},
            "summary": {
                "tests": len(tests),
                **{status: statuses.count(status) for status in ("passed", "failed", "skipped", "pending", "other")},
                "suites": len(suites),
                "start": start_ms,
                "stop": start_ms + elapsed_ms,
                "duration": elapsed_ms,
            },
            "tests": tests,
            "environment": {
                "appName": result.provider,
                "testEnvironment": result.target,
                "extra": {"contract": result.contract, "seed": result.seed, "exit_code": result.exit_code},
            },
        },
    }


def _test(result: CampaignResult, suite: CaseSuite, case: ReportCase) -> dict[str, Any]:
    test: dict[str, Any] = {
        "testId": f"{suite.name}.{case.name}",
        "name": f"{case.name} under {suite.label}",
        "status": _STATUS[case.outcome],
        "rawStatus": case.result.value,
        "duration": case.elapsed_ns // MS,
        "suite": ["ackord", result.contract, suite.label],
        "labels": case.properties | {"command": suite.command},
    }
    if case.message:
        test["message"] = printable(case.message)
    if case.text:
        test["trace"] = case.text
    if result.contract_file:
        test["filePath"] = result.contract_file
        test["line"] = result.line_of(case.name)
    return test


def _start_ms(started: str) -> int:
    try:
        return round(datetime.fromisoformat(started).timestamp() * 1000)
    except ValueError:
        return 0
