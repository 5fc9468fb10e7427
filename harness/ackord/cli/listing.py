"""Prints lists: a name, its subject, and wrapped paragraphs below. Tables would truncate the names."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

__all__ = ["print_entry"]


def print_entry(console: Console, name: str, title: str, paragraphs: Sequence[str]) -> None:
    """Print one entry and a blank line."""
    console.print(Text.assemble((name, "bold"), f"  {title}" if title else ""))
    for paragraph in paragraphs:
        console.print(Padding(Text(paragraph), (0, 0, 0, 4)))
    console.print()
