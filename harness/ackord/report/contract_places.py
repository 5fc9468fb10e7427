"""Finds the line of a contract's file that each guarantee is about, so that reports can point into it."""

from __future__ import annotations

import os
from pathlib import Path

from ..contract.loading.loader import LoadedContract
from ..guarantees.base import GUARANTEES
from ..guarantees.merchant import MERCHANT_GUARANTEES

__all__ = ["guarantee_lines", "shown_file"]


def guarantee_lines(loaded: LoadedContract) -> dict[str, int]:
    """Return guarantee -> line, from 1: that of the promise or operation, or of the nearest enclosing entry where the
    file is silent; else the first entry's.
    """
    places = {g.id: g.contract_place for g in GUARANTEES} | {g.id: g.contract_place for g in MERCHANT_GUARANTEES}
    return {
        name: loaded.document.position(tuple(place.split(".")) if place else ()).line for name, place in places.items()
    }


def shown_file(contract: Path, copy: Path) -> str:
    """Return the path of ``contract`` for a report: relative to the working folder if it is below it, which is what CI
    systems can open; else that of its ``copy`` beside the evidence, if there is one.
    """
    path = contract if _below(contract) or not copy.is_file() else copy
    return _below(path) or path.absolute().as_posix()


def _below(path: Path) -> str:
    """Return the path relative to the working folder; empty if it is not below it."""
    relative = Path(os.path.relpath(path))
    return "" if relative.parts[:1] == ("..",) else relative.as_posix()
