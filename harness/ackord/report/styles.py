"""Defines colours, which only repeat what the text says. rich omits them when NO_COLOR is set."""

from __future__ import annotations

from ..core.verdict import Result

__all__ = ["STYLES"]

STYLES: dict[Result, str] = {
    Result.HELD: "green",
    Result.VIOLATED: "bold red",
    Result.UNSAFE: "bold yellow",
    Result.INCONCLUSIVE: "yellow",
    Result.ERROR: "bold magenta",
    Result.NOT_APPLICABLE: "dim",
}
