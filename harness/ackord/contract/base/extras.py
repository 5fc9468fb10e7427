"""Imports the libraries of extras such as ``statements``, with a clear error where one is not installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ...errors import UsageError

__all__ = ["library"]


def library(name: str, extra: str = "statements", wanted_by: str = "statements need") -> Any:
    """Return the module ``name`` (``duckdb``, ``pyarrow.parquet``, ``mt940``, ``lxml.etree``) of an extra. Raises
    ``UsageError`` where it is not installed, with the words in ``wanted_by``.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or name.partition(".")[0] != error.name.partition(".")[0]:
            raise
        raise UsageError(
            f"{wanted_by} the Python package {error.name}, which is not installed.\n"
            f"  mend: pip install 'ackord[{extra}]'"
        ) from None
