"""Imports the libraries of the extra ``statements``, with a clear error where it is not installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ...errors import UsageError

__all__ = ["library"]


def library(name: str) -> Any:
    """Return the module ``name`` (``duckdb``, ``pyarrow.parquet``, ``mt940``, ``lxml.etree``). Raises ``UsageError``
    where it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or name.partition(".")[0] != error.name.partition(".")[0]:
            raise
        raise UsageError(
            f"statements need the Python package {error.name}, which is not installed.\n"
            "  mend: pip install 'ackord[statements]'"
        ) from None
