"""Writes what people and machines read of a run: the console, the explanation of a finding, and files, one report per
module.
"""

from __future__ import annotations

from .html import page
from .report_registry import REPORTS, Report, add_report, write_all

__all__ = ["REPORTS", "Report", "write_all"]

# Here, because the page is in a folder of its own, which rests on this one.
add_report(Report("html", "report.html, one page that shows it all to people", page.write, page.FILE_NAME, page.render))
