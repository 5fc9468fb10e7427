"""Registers the reports that are files, by name. Packages add theirs through the entry point group
``ackord.reports``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..core.registry import Registry
from ..core.result import CampaignResult
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


def load_report_plugins() -> None:
    """Register the reports of other packages, once. Raises ``UsageError`` for one that cannot be registered."""
    REPORTS.load_outsiders(ENTRY_POINT_GROUP, Report, lambda report: report.name)


def write_all(result: CampaignResult, out: Path) -> list[Path]:
    """Write every report below ``out``; return the files. Raises ``FileError`` or ``UsageError``."""
    load_report_plugins()
    written = [report.write(result, out) for report in REPORTS]
    return [path for path in written if path is not None]
