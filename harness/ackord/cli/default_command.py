"""Lets a group of commands be called without the name of its main one: ``ackord report DIR`` is ``ackord report make
DIR``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from typer.core import TyperGroup

__all__ = ["group_with_default"]


class _GroupWithDefault(TyperGroup):
    default: ClassVar[str]
    """The command that is meant where the first word names none; a folder of such a name is written ``./merge``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [self.default, *args]
        return super().parse_args(ctx, args)


def group_with_default(name: str) -> type[TyperGroup]:
    """Return the class of a group whose main command is called ``name``."""
    return type(f"GroupWithDefault_{name}", (_GroupWithDefault,), {"default": name})
