"""Imports Arrow and numpy when they are first needed: a command that reads no Parquet does not wait for them."""

from __future__ import annotations

from functools import cache
from typing import Any

from ..contract.base.extras import library

__all__ = ["arrow", "compute", "numpy", "parquet"]

_EXTRA = ("scale", "events in Parquet need")


@cache
def arrow() -> Any:
    """Return ``pyarrow``. Raises ``UsageError`` where it is not installed, as do the others."""
    return library("pyarrow", *_EXTRA)


@cache
def compute() -> Any:
    """Return ``pyarrow.compute``."""
    return library("pyarrow.compute", *_EXTRA)


@cache
def numpy() -> Any:
    """Return ``numpy``."""
    return library("numpy", *_EXTRA)


@cache
def parquet() -> Any:
    """Return ``pyarrow.parquet``."""
    return library("pyarrow.parquet", *_EXTRA)
