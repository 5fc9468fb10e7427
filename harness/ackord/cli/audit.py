"""Defines ``ackord audit``, which judges a journal or recorded traffic again."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ..errors import UsageError
from ..run.options.run_options import RunOptions
from .exit_codes import EXIT_CODES
from .options import AsJson, Quiet, Verbose, with_run_options

if TYPE_CHECKING:
    from ..core.result import CampaignResult
    from ..workload.openapi_check import ApiDocument
    from .terminal_output import TerminalOutput

__all__ = ["register"]


@with_run_options("openapi", "openapi_strict")
def audit(
    journal: Annotated[
        list[Path],
        typer.Argument(
            help="journal.jsonl of a run, a folder of events in Parquet, or a .har file of a browser or proxy; several "
            "make one verdict."
        ),
    ],
    contract: Annotated[
        str,
        typer.Option(
            help="The contract of HAR files, or of journals without a copy of it: a name, or the path of a YAML file."
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the reports, such as result.json and junit.xml. Default: none are written."),
    ] = None,
    to_parquet: Annotated[
        Path | None,
        typer.Option(help="New folder into which the events are written as Parquet; of several recordings DIR/001 ..."),
    ] = None,
    jobs: Annotated[
        int, typer.Option(help="Processes that judge a folder of events or a big journal.", min=1, max=256)
    ] = 1,
    engine: Annotated[
        str,
        typer.Option(help="Judge folders and big journals on Spark: its master, such as spark://host:7077."),
    ] = "",
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help="Judge a journal while it grows: findings are told as soon as they are certain, the verdict at its "
            "end or after Ctrl-C.",
        ),
    ] = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    as_json: AsJson = False,
    *,
    options: RunOptions,
) -> None:
    """Judge recorded runs again, from their journals alone: the verdict is the same, on any machine, by anybody.
    Traffic that was recorded elsewhere (HAR) is judged too.
    """
    from ..run.audit import audit_recordings
    from ..run.event_folders import FolderAudit, told_on_stderr
    from .terminal_output import TerminalOutput

    output = TerminalOutput(quiet=quiet, verbose=verbose, as_json=as_json)
    if follow:
        result = _followed(
            journal, output, others=bool(contract or to_parquet or engine or options.openapi or jobs > 1)
        )
        _end(output, result, out)
    document = _document(contract, options)
    folders = FolderAudit(jobs, engine, None if quiet else told_on_stderr)
    result = audit_recordings(journal, document, contract=contract, folders=folders, to_parquet=to_parquet)
    _end(output, result, out)


def _document(contract: str, options: RunOptions) -> ApiDocument | None:
    from ..contract.loading.loader import PlaceholderEnv, load_contract
    from ..run.resolve import document_of, load_document

    if contract:
        loaded = load_contract(contract, env=PlaceholderEnv(os.environ))
        return document_of(loaded, options.openapi, strict=options.openapi_strict)
    return load_document(options.openapi, strict=options.openapi_strict)


def _followed(journal: list[Path], output: TerminalOutput, *, others: bool) -> CampaignResult:
    from ..core.clock import RealClock
    from ..report.format import printable
    from ..run.following import follow

    if len(journal) != 1 or others:
        raise UsageError(
            "--follow takes one journal, and none of --contract, --to-parquet, --jobs, --engine and --openapi"
        )

    def tell(line: str) -> None:
        if not output.quiet:
            print(printable(line), file=sys.stderr if output.as_json else sys.stdout, flush=True)

    return follow(journal[0], RealClock(), tell)


def _end(output: TerminalOutput, result: CampaignResult, out: Path | None) -> NoReturn:
    from ..report import write_all

    written: list[Path] = []
    if out is not None:
        result = replace(result, out=str(out))
        with output.apart():
            written = write_all(result, out)
    output.show(result, out or Path(), written)
    raise typer.Exit(result.exit_code)


def register(app: typer.Typer) -> None:
    app.command(epilog=EXIT_CODES)(audit)
