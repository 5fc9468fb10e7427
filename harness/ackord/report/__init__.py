"""Writes what people and machines read of a run: the console, the explanation of a finding, and files, one report per
module.
"""

from __future__ import annotations

from .report_registry import REPORTS, Report, write_all

__all__ = ["REPORTS", "Report", "write_all"]
