"""Registers the reports that are files, by name. Packages add theirs through the entry point group
``ackord.reports``.
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from ..core.registry import Registry
from ..core.result import CampaignResult
from ..errors import AckordError, UsageError
from ..masking import mask_bytes
from . import badge, ctrf, github, gitlab, json_result, junit, markdown, pr_comment, sarif
from .files import write_file

__all__ = ["ENTRY_POINT_GROUP", "REPORTS", "Report", "add_report", "load_report_plugins", "rendered", "write_all"]

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
    render: Callable[[CampaignResult, Path], bytes] | None = None
    """Returns the file's content, without secrets and with paths relative to a folder; ``None``: ``write`` is asked."""


REPORTS: Registry[Report] = Registry("report")
_own: set[str] = set()


def add_report(report: Report) -> None:
    """Register a report of ours."""
    REPORTS.add(report.name, report)
    _own.add(report.name)


def _add(name: str, title: str, file: str, render: Callable[[CampaignResult], bytes], *, masked: bool = False) -> None:
    """Register a report of ours that is one file. ``masked``: it has no secrets any more."""

    def content(result: CampaignResult, folder: Path) -> bytes:
        return render(result) if masked else mask_bytes(render(result))

    def write(result: CampaignResult, out: Path) -> Path:
        write_file(out / file, content(result, out), masked=True)
        return out / file

    add_report(Report(name, title, write, file, content))


def _write_json(result: CampaignResult, out: Path) -> Path:
    json_result.write(result, out / json_result.FILE_NAME)
    return out / json_result.FILE_NAME


_JSON_TITLE = "result.json, with a published JSON Schema"
add_report(Report("json", _JSON_TITLE, _write_json, json_result.FILE_NAME, json_result.render))
_add("junit", "junit.xml, one test case per guarantee and profile", junit.FILE_NAME, junit.render)
add_report(Report("github", "GitHub Actions' job summary and annotations, where it runs", github.write))
_add("sarif", "ackord.sarif, SARIF 2.1.0 at the contract's lines", sarif.FILE_NAME, sarif.render, masked=True)
_add("ctrf", "ackord-ctrf.json, the Common Test Report Format", ctrf.FILE_NAME, ctrf.render, masked=True)
_add("gitlab", "ackord-code-quality.json, GitLab's code quality", gitlab.FILE_NAME, gitlab.render, masked=True)
_add("markdown", "ackord-summary.md, what GitHub's job summary shows", markdown.FILE_NAME, markdown.render)
_add(
    "pr-comment", "ackord-pr-comment.md, the body of a pull request's comment", pr_comment.FILE_NAME, pr_comment.render
)
_add("badge", "ackord-badge.json, for the endpoint of shields.io", badge.JSON_FILE_NAME, badge.render_json, masked=True)
_add("badge-svg", "ackord-badge.svg, the same as a picture", badge.SVG_FILE_NAME, badge.render_svg)


def load_report_plugins() -> None:
    """Register the reports of other packages, once. Raises ``UsageError`` for one that cannot be registered."""
    REPORTS.load_outsiders(ENTRY_POINT_GROUP, Report, lambda report: report.name)


def write_all(result: CampaignResult, out: Path, names: Iterable[str] = ()) -> list[Path]:
    """Write the reports of these names, by default every one, below ``out``; return the files.

    Raises ``FileError``, ``UnknownNameError``, and ``UsageError`` for a package's report that raised; the other reports
    are written then.
    """
    load_report_plugins()
    written: list[Path | None] = []
    failures: list[UsageError] = []
    for report in [REPORTS.get(name) for name in names] or REPORTS:
        try:
            written.append(report.write(result, out))
        except Exception as error:
            if isinstance(error, AckordError | OSError) or report.name in _own:
                raise
            failures.append(_failure(report, error, out))
    if failures:
        raise failures[0]
    return [path for path in written if path is not None]


def rendered(report: Report, result: CampaignResult, folder: Path) -> bytes:
    """Return what a report's file would hold in ``folder``.

    Raises ``UsageError`` for one that leaves no file, and for a package's report that raised.
    """
    if report.render is not None:
        return report.render(result, folder)
    if not report.file:
        raise UsageError(
            f"the report {report.name!r} is no file, so it cannot go to standard output.\n"
            "  mend: take another --format, such as markdown"
        )
    with tempfile.TemporaryDirectory(prefix="ackord-report-") as aside:
        (path,) = write_all(result, Path(aside), [report.name]) or (None,)
        return path.read_bytes() if path is not None else b""


def _failure(report: Report, error: Exception, out: Path) -> UsageError:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return UsageError(
        f"the report {report.name!r} was not written: {last.filename}:{last.lineno}: {type(error).__name__}: {error}. "
        f"The other reports are in {out}; the verdict is in {json_result.FILE_NAME}.\n"
        "  mend: mend or uninstall the package that brings it, then run `ackord report` on the folder"
    )
