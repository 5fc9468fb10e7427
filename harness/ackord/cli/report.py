"""Defines ``ackord report``, which makes the reports of a run again from its evidence."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ..run.options.run_options import RunOptions
from .options import with_run_options
from .standard_output import write_bytes

__all__ = ["register"]

_STDOUT = "-"


@with_run_options("openapi", "openapi_strict")
def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The evidence folder of a run, which has a folder for each profile.")
    ],
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="json, junit, sarif, ctrf, gitlab, markdown, pr-comment, badge, badge-svg, html, github, or one "
            "that a package brings; may be repeated. Default: all that are files.",
        ),
    ] = None,
    out: Annotated[
        str, typer.Option(help="Folder for the reports, or - for standard output. Default: the evidence folder.")
    ] = "",
    contract: Annotated[
        str, typer.Option(help="The contract of journals without a copy of it: a name or a path.")
    ] = "",
    *,
    options: RunOptions,
) -> None:
    """Make reports again from a run's evidence: its journals are judged anew, on any machine. The exit code is 0 once
    they are written, whatever the verdict; `ackord audit` ends with the verdict's.
    """
    from ..contract.loading.loader import PlaceholderEnv, load_contract
    from ..errors import UsageError
    from ..report.report_registry import REPORTS, load_report_plugins, rendered, write_all
    from ..run.recorded_campaign import recorded_campaign
    from ..run.resolve import document_of, load_document

    load_report_plugins()
    chosen = [REPORTS.get(name) for name in formats] if formats else [report for report in REPORTS if report.file]
    if out == _STDOUT and len(chosen) != 1:
        raise UsageError(
            "standard output takes one report.\n  mend: name it with one --format, or give a folder to --out"
        )
    if contract:
        loaded = load_contract(contract, env=PlaceholderEnv(os.environ))
        document = document_of(loaded, options.openapi, strict=options.openapi_strict)
    else:
        document = load_document(options.openapi, strict=options.openapi_strict)
    result = recorded_campaign(folder, document, contract=contract)
    if out == _STDOUT:
        write_bytes(rendered(chosen[0], result, folder))
        return
    into = Path(out) if out else folder
    written = write_all(replace(result, out=str(into)), into, [r.name for r in chosen])
    for path in written:
        print(path)
    if not written:
        raise UsageError(
            f"nothing was written: {', '.join(r.name for r in chosen)} has nowhere to go here.\n"
            "  mend: take --format markdown, or set GITHUB_STEP_SUMMARY"
        )


def register(app: typer.Typer) -> None:
    app.command()(report)
