"""Lists the credentials that an emulator accepts instead of secrets."""

from __future__ import annotations

from typing import Any

from ...errors import dotted
from ..loading.loader import LoadedContract

__all__ = ["credentials"]


def credentials(loaded: LoadedContract) -> list[str]:
    """Return a line for each value under ``accounts`` that would come from the environment, with
    the accepted stand-in.
    """
    lines = []
    for path in sorted(loaded.document.secret, key=loaded.document.position):
        value: Any = loaded.document.data
        for step in path:
            value = value[step]
        lines.append(f"{dotted(path)}: {value}")
    return [f"it knows no secrets; it accepts, as {line}" for line in lines]
