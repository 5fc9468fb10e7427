"""Registers the reports that are files, by name. Packages add theirs through the entry point group
``ackord.reports``.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..core.registry import Registry
from ..core.result import CampaignResult
from ..errors import AckordError, UsageError
from . import github, json_result, junit, timeline

__all__ = ["ENTRY_POINT_GROUP", "REPORTS", "Report", "load_report_plugins", "write_all"]

ENTRY_POINT_GROUP = "ackord.reports"
"""The entry point group in which packages register a ``Report``."""


class Report(NamedTuple):
    """One file format of a campaign's results."""

    name: str
    title: str
    write: Callable[[CampaignResult, Path], Path | None]
    """Writes below the output folder; returns the file, or ``None`` when there was nothing to write."""
    file: str = ""
    """The name of the file below the output folder, which the next run there removes; empty: it leaves none there."""


def _json(result: CampaignResult, out: Path) -> Path:
    path = out / json_result.FILE_NAME
    json_result.write(result, path)
    return path


def _junit(result: CampaignResult, out: Path) -> Path:
    path = out / junit.FILE_NAME
    junit.write(result, path)
    return path


REPORTS: Registry[Report] = Registry("report")
REPORTS.add("json", Report("json", "result.json, with a published JSON Schema", _json, json_result.FILE_NAME))
REPORTS.add("junit", Report("junit", "junit.xml, one test case per guarantee and profile", _junit, junit.FILE_NAME))
REPORTS.add("github", Report("github", "GitHub Actions' job summary and annotations, where it runs", github.write))
REPORTS.add(
    "timeline",
    Report("timeline", "timeline.html, each profile's run on a time axis", timeline.write, timeline.FILE_NAME),
)
_OWN = frozenset(REPORTS.names())


def load_report_plugins() -> None:
    """Register the reports of other packages, once. Raises ``UsageError`` for one that cannot be registered."""
    REPORTS.load_outsiders(ENTRY_POINT_GROUP, Report, lambda report: report.name)


def write_all(result: CampaignResult, out: Path) -> list[Path]:
    """Write every report below ``out``; return the files.

    Raises ``FileError``, and ``UsageError`` for a package's report that raised; the other reports are written then.
    """
    load_report_plugins()
    written: list[Path | None] = []
    failures: list[UsageError] = []
    for report in REPORTS:
        try:
            written.append(report.write(result, out))
        except Exception as error:
            if isinstance(error, AckordError | OSError) or report.name in _OWN:
                raise
            failures.append(_failure(report, error, out))
    if failures:
        raise failures[0]
    return [path for path in written if path is not None]


def _failure(report: Report, error: Exception, out: Path) -> UsageError:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return UsageError(
        f"the report {report.name!r} was not written: {last.filename}:{last.lineno}: {type(error).__name__}: {error}. "
        f"The other reports are in {out}; the verdict is in {json_result.FILE_NAME}.\n"
        "  mend: mend or uninstall the package that brings it, then run `ackord audit` with --out"
    )
