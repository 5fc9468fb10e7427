"""Define the format of a contract's order numbers, for the code that generates them."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["OrderNumberFormat"]


class OrderNumberFormat(NamedTuple):
    """The form of a contract's order numbers."""

    alphabet: str = "0123456789"
    """Every character that may stand in one."""
    length: tuple[int, int] = (16, 32)
    """Fewest and most characters, the prefix included."""
    prefix: str = ""
    uuid: bool = False
    """They are UUIDs; nothing else counts then."""
