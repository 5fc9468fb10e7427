"""The reports that are files, by name. Packages add theirs through the entry point group ``ackord.reports``."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import NamedTuple

from ..core.registry import Registry
from ..core.result import CampaignResult
from ..errors import UsageError
from . import github, json_result, junit

__all__ = ["ENTRY_POINT_GROUP", "REPORTS", "Report", "load_outsiders", "write_all"]

ENTRY_POINT_GROUP = "ackord.reports"
"""Packages that add a report name a ``Report`` under this group."""


class Report(NamedTuple):
    """One form in which a campaign is written down."""

    name: str
    title: str
    write: Callable[[CampaignResult, Path], Path | None]
    """Writes below the folder of the evidence; returns the file, or ``None`` when there was nothing to do."""


def _json(result: CampaignResult, out: Path) -> Path:
    path = out / json_result.FILE_NAME
    json_result.write(result, path)
    return path


def _junit(result: CampaignResult, out: Path) -> Path:
    path = out / junit.FILE_NAME
    junit.write(result, path)
    return path


REPORTS: Registry[Report] = Registry("report")
REPORTS.add("json", Report("json", "result.json, with a published JSON Schema", _json))
REPORTS.add("junit", Report("junit", "junit.xml, one test case per guarantee and profile", _junit))
REPORTS.add("github", Report("github", "GitHub Actions' job summary and annotations, where it runs", github.write))

_outsiders_loaded = False


def load_outsiders() -> None:
    """Register the reports of other packages, once. Raises ``UsageError`` for one that cannot be registered."""
    global _outsiders_loaded
    if _outsiders_loaded:
        return
    for point in entry_points(group=ENTRY_POINT_GROUP):
        try:
            thing = point.load()
            if not isinstance(thing, Report):
                raise TypeError(f"expected a Report, found {type(thing).__name__}")
            REPORTS.add(thing.name, thing)
        except Exception as error:
            raise UsageError(
                f"the report {point.name!r} of the entry point {point.value!r} cannot be used: {error}. "
                "Mend or uninstall the package that brings it."
            ) from error
    _outsiders_loaded = True


def write_all(result: CampaignResult, out: Path) -> list[Path]:
    """Write every report below ``out``; return the files. Raises ``FileError`` or ``UsageError``."""
    load_outsiders()
    written = [report.write(result, out) for report in REPORTS]
    return [path for path in written if path is not None]
