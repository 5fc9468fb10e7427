"""Holds the exit codes as the help of commands shows them."""

from __future__ import annotations

__all__ = ["EXIT_CODES"]

EXIT_CODES = (
    "Exit codes: 0 every guarantee held; 1 one is violated or unsafe; 2 your input is wrong; 3 inconclusive, never a "
    "pass; 4 the environment failed; 130 interrupted."
)
