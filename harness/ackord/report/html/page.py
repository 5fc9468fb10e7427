"""Writes ``report.html``: one file that needs nothing else, with the verdict first."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path
from string import Template

from ...core.result import CampaignResult
from ...masking import mask
from ..files import write_file
from .chart_library import chart_library
from .charts import ChartSheet
from .findings import findings_section
from .markup import safe
from .overview import matrix_section, not_judged_section, verdict_header
from .run_sections import environment_section, landing_section, runs_section

__all__ = ["FILE_NAME", "render", "to_html", "write"]

FILE_NAME = "report.html"
_NAMES = {
    "matrix": "Guarantees",
    "not-judged": "Not judged",
    "findings": "What was broken",
    "landing": "Landing window",
    "counts": "Operations",
    "runs": "Over time",
    "environment": "Environment",
}


def write(result: CampaignResult, out: Path, *, charts: bool = True) -> Path:
    """Write ``report.html`` below ``out`` and return it. Without ``charts`` the page holds their tables, and not the
    charting library. Raises ``FileError``.
    """
    path = out / FILE_NAME
    write_file(path, render(result, out, charts=charts), masked=True)
    return path


def render(result: CampaignResult, folder: Path, *, charts: bool = True) -> bytes:
    """Return the file's content, without secrets; paths of journals are relative to ``folder``. Without ``charts`` it
    depends on the result alone, with them on the version of the charting library, too.
    """
    return to_html(result, folder, charts=charts).encode("utf-8", "backslashreplace")


def to_html(result: CampaignResult, folder: Path, *, charts: bool = True) -> str:
    """Return the page."""
    library = chart_library() if charts else ""
    sheet = ChartSheet(drawn=bool(library))
    sections = {
        "findings": findings_section(result),
        "matrix": matrix_section(result),
        "not-judged": not_judged_section(result),
        "landing": landing_section(result, sheet),
        "counts": runs_section(result, sheet),
        "environment": environment_section(result, folder),
    }
    order = ("matrix", "not-judged", "findings", "landing", "counts", "environment")
    main = mask("\n".join(sections[name] for name in order))
    scripts = [library, _part("page.js")] if sheet.figures else [_part("page.js")]
    missing = "" if library else _NO_LIBRARY if charts else _NO_CHARTS
    return Template(_part("page.html")).substitute(
        title=mask(f"Ackord report: {safe(result.contract, 80)}: {result.result.value}"),
        policy=_policy(scripts),
        style=_part("page.css"),
        header=mask(verdict_header(result)),
        contents=_contents(main),
        main=main,
        missing=missing,
        data=sheet.data,
        # A digest is that of the whole text between the tags, so nothing is added to a script, not even a line's end.
        scripts="\n".join(f"<script>{script}</script>" for script in scripts),
    )


_NO_CHARTS = (
    '<p class="soft">This page has tables in place of charts; <code>ackord report DIR --format html</code> makes one '
    "with charts from the same evidence.</p>"
)
_NO_LIBRARY = (
    '<p class="soft">The charts are left out, because the package plotly is not installed; their figures stand in the '
    "tables.</p>"
)


def _contents(main: str) -> str:
    items = "".join(
        f'<li><a href="#{name}">{said}</a></li>' for name, said in _NAMES.items() if f'<section id="{name}">' in main
    )
    return f'<nav aria-label="Contents"><ul>{items}</ul></nav>'


def _policy(scripts: list[str]) -> str:
    """Return a content policy under which these scripts run and nothing else, and nothing is loaded or sent."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
