"""Defines ``ackord report``: make the reports of a run again from its evidence, merge shards, compare two runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ..run.options.run_options import RunOptions
from .default_command import group_with_default
from .evidence_arguments import TextForm, document_for
from .options import with_run_options
from .standard_output import write_bytes

__all__ = ["register"]

_STDOUT = "-"

group = typer.Typer(
    help="Reports from the evidence of runs. `ackord report DIR` is `ackord report make DIR`.",
    cls=group_with_default("make"),
    no_args_is_help=True,
)

_Contract = Annotated[str, typer.Option(help="The contract of journals without a copy of it: a name or a path.")]


@group.command("make")
@with_run_options("openapi", "openapi_strict")
def make(
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
    contract: _Contract = "",
    *,
    options: RunOptions,
) -> None:
    """Make reports again from a run's evidence: its journals are judged anew, on any machine. The exit code is 0 once
    they are written, whatever the verdict; `ackord audit` ends with the verdict's.
    """
    from ..errors import UsageError
    from ..report.report_registry import REPORTS, load_report_plugins, rendered, write_all
    from ..run.recorded_campaign import recorded_campaign

    load_report_plugins()
    chosen = [REPORTS.get(name) for name in formats] if formats else [report for report in REPORTS if report.file]
    if out == _STDOUT and len(chosen) != 1:
        raise UsageError(
            "standard output takes one report.\n  mend: name it with one --format, or give a folder to --out"
        )
    result = recorded_campaign(folder, document_for(contract, options), contract=contract)
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


@group.command("merge")
@with_run_options("openapi", "openapi_strict")
def merge(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR", help="The evidence folders of all shards of a campaign.")
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for the whole campaign's evidence and reports; what Ackord left there goes.")
    ],
    contract: _Contract = "",
    *,
    options: RunOptions,
) -> None:
    """Put the shards of a campaign together (`ackord certify --shard 2/5`): one folder of evidence with every report. A
    shard that is missing or given twice, or that is of another contract, version or seed, is refused. The exit code is
    0 once they are written, whatever the verdict.
    """
    from ..report.campaign_summary import closing_sentence
    from ..report.report_registry import write_all
    from ..run.merged_shards import merge_shards

    result = merge_shards(folders, out, document_for(contract, options), contract=contract)
    write_all(result, out)
    print(f"{out}: {len(folders)} shards")
    print(closing_sentence(result))


@group.command("compare")
@with_run_options("openapi", "openapi_strict")
def compare(
    old: Annotated[Path, typer.Argument(help="The evidence folder of the earlier run.")],
    new: Annotated[Path, typer.Argument(help="The evidence folder of the later run.")],
    form: Annotated[TextForm, typer.Option("--format", help="How the comparison is written.")] = TextForm.TEXT,
    contract: _Contract = "",
    *,
    options: RunOptions,
) -> None:
    """Compare two runs of a contract: what got better or worse by guarantee and profile, findings that are new or gone,
    landing windows side by side. Both are judged again. The exit code is 0, whatever changed.
    """
    from ..report.comparison import compare_campaigns
    from ..report.comparison_text import comparison_json, comparison_markdown, comparison_text
    from ..run.recorded_campaign import recorded_campaign

    document = document_for(contract, options)
    compared = compare_campaigns(*(recorded_campaign(folder, document, contract=contract) for folder in (old, new)))
    if form is TextForm.JSON:
        write_bytes(comparison_json(compared))
    else:
        print((comparison_markdown if form is TextForm.MARKDOWN else comparison_text)(compared), end="")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="report")
