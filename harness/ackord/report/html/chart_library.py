"""Finds the charting library whose script goes into the page: plotly.js, as the package ``plotly`` brings it.

The package is never imported: only its file is read.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["chart_library"]

_FILE = Path("package_data") / "plotly.min.js"


@cache
def chart_library() -> str:
    """Return the script, ready for a script element; empty where the package is not installed or has no such file."""
    spec = find_spec("plotly")
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        try:
            script = (Path(folder) / _FILE).read_text(encoding="utf-8")
        except (OSError, UnicodeError):
            continue
        if "</script" not in script.lower():  # nothing of ours could stand behind it
            return script.replace("\r\n", "\n").replace("\r", "\n")  # as a browser reads it, for its digest
    return ""
