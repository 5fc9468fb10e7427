"""Lists the credentials that an emulator accepts instead of secrets."""

from __future__ import annotations

from typing import Any

from ...errors import dotted
from ..loading.loader import LoadedContract

__all__ = ["credentials"]

_NEVER_SENT = ("hooks", "ledger")
"""Sections whose secrets are for other systems: what a ledger's request carries stands under ``accounts``."""


def credentials(loaded: LoadedContract) -> list[str]:
    """Return a line for each value that would come from the environment and that an emulator is shown, with the
    accepted stand-in.
    """
    lines = []
    for path in sorted(loaded.document.secret, key=loaded.document.position):
        if path[0] in _NEVER_SENT:
            continue
        value: Any = loaded.document.data
        for step in path:
            value = value[step]
        lines.append(f"{dotted(path)}: {value}")
    return [f"it knows no secrets; it accepts, as {line}" for line in lines]
