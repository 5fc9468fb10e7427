"""Defines ``ackord doctor``, which reports what works on this machine."""

from __future__ import annotations

import typer

__all__ = ["register"]


def doctor() -> None:
    """Say what works on this machine, and how to mend what does not."""
    from rich.console import Console

    from ..run.doctor import diagnose, print_checks

    raise typer.Exit(print_checks(Console(), diagnose()))


def register(app: typer.Typer) -> None:
    app.command()(doctor)
