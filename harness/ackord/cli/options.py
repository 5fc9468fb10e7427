"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["PostgresBin"]

PostgresBin = Annotated[
    str,
    typer.Option(
        envvar="ACKORD_POSTGRES_BIN",
        help="Folder of an installed PostgreSQL's programs; default: those of the wheel.",
    ),
]
