"""Defines ``ackord sign``, which certifies evidence that was recorded by earlier runs, such as merged shards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..run.options.run_options import RunOptions
from .certificate_wish import CertificateWish, Level, Nonce, Sign, Subject, ValidFor
from .exit_codes import EXIT_CODES
from .options import with_run_options

__all__ = ["register"]


@with_run_options("openapi", "openapi_strict")
def sign(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The evidence folder of a run, of today.")],
    level: Level,
    key: Sign,
    subject: Subject,
    nonce: Nonce = "",
    valid_for: ValidFor = "90d",
    *,
    options: RunOptions,
) -> None:
    """Sign a certificate of a run's evidence, which is judged again first, within a day of the run's end. Where the run
    was split into shards, merge them before.
    """
    from ..run.recorded_campaign import recorded_campaign
    from ..run.resolve import load_document

    wish = CertificateWish(level, key, subject, nonce, valid_for)
    wish.order()
    document = load_document(options.openapi, strict=options.openapi_strict)
    raise typer.Exit(wish.conclude(recorded_campaign(folder, document), folder, document))


def register(app: typer.Typer) -> None:
    app.command(epilog=EXIT_CODES)(sign)
