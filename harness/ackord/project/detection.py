"""Finds the contracts in a folder of somebody's project, by what is in the files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..contract.loading.loader import PlaceholderEnv, load_contract
from ..errors import AckordError
from ..run.evidence import CONTRACT_FILE

__all__ = ["found_contracts", "why_not_loaded"]

_DEEPEST = 5
_MOST_FILES = 5_000
_MOST_BYTES = 1 << 20
_NOT_THE_USERS = frozenset({"node_modules", "venv", "build", "dist", "target", "vendor", "site-packages", "ackord-out"})
_KEYS = [re.compile(rf"^[\"']?{key}[\"']?:", re.MULTILINE) for key in ("provider", "submit", "query")]


def found_contracts(folder: Path) -> list[Path]:
    """Return the contracts below ``folder``, relative to it: YAML files with the keys that every contract has."""
    found = [path for path in _yaml_files(folder) if path.name != CONTRACT_FILE and _is_contract(path)]
    return sorted(path.relative_to(folder) for path in found)


def why_not_loaded(path: Path) -> str:
    """Return what is wrong with a contract, on one line; empty if it can be used."""
    try:
        load_contract(path, env=PlaceholderEnv(os.environ))
    except AckordError as error:
        return str(error).partition("\n")[0]
    return ""


def _yaml_files(folder: Path) -> Iterator[Path]:
    seen = 0
    for top, folders, files in os.walk(folder):
        here = Path(top)
        deep = len(here.relative_to(folder).parts) >= _DEEPEST
        folders[:] = [] if deep else sorted(f for f in folders if not f.startswith(".") and f not in _NOT_THE_USERS)
        for name in sorted(files):
            seen += 1
            if seen > _MOST_FILES:
                return
            if name.endswith((".yaml", ".yml")) and not name.startswith((".", "_")):
                yield here / name


def _is_contract(path: Path) -> bool:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return False
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    return all(key.search(text) for key in _KEYS)
