"""Define the progress of a run, for display."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..core.verdict import Result

__all__ = ["Progress", "ProgressUpdate"]


class ProgressUpdate(NamedTuple):
    """Where a run is."""

    profile: str
    phase: str
    operations: int
    exposures: int
    violations: int
    """Orders that broke a guarantee, as far as judged."""
    result: Result | None
    """Set when the profile is done."""


Progress = Callable[[ProgressUpdate], None]
