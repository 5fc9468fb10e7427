"""Lists that people read: a name, what it is about, and paragraphs below, wrapped to the terminal. Tables would cut the names."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

__all__ = ["print_entry"]


def print_entry(console: Console, name: str, title: str, paragraphs: Sequence[str]) -> None:
    """One entry, with a blank line behind it."""
    console.print(Text.assemble((name, "bold"), f"  {title}" if title else ""))
    for paragraph in paragraphs:
        console.print(Padding(Text(paragraph), (0, 0, 0, 4)))
    console.print()
