"""What an emulator accepts instead of secrets, for whoever develops against it."""

from __future__ import annotations

from typing import Any

from ...errors import dotted
from ..loading.loader import LoadedContract

__all__ = ["credentials"]


def credentials(loaded: LoadedContract) -> list[str]:
    """A line for each place under ``accounts`` whose value would come from the environment: the stand-in that is accepted there."""
    lines = []
    for path in sorted(loaded.document.secret, key=loaded.document.position):
        value: Any = loaded.document.data
        for step in path:
            value = value[step]
        lines.append(f"{dotted(path)}: {value}")
    return [f"it knows no secrets; it accepts, as {line}" for line in lines]
