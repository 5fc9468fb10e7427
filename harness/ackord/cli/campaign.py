"""Define ``ackord campaign``: many contracts with many seeds, and one verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..run.options.run_options import RunOptions
from .exit_codes import EXIT_CODES
from .interrupt import interruptible
from .options import with_run_options
from .standard_output import write_bytes

if TYPE_CHECKING:
    from ..run.campaign import CampaignRun

__all__ = ["register"]

_OPTIONS = (
    *("target", "flaw", "profiles", "require", "budget", "time_limit", "provider_version", "shard", "inject", "ca"),
    *("toxiproxy", "remote", "allow_hosts", "allow_hooks"),
)


@with_run_options(*_OPTIONS)
def campaign(
    contracts: Annotated[list[str], typer.Argument(metavar="CONTRACT...", help="Contracts: names, or YAML files.")],
    seeds: Annotated[int, typer.Option(help="How many seeds of each contract.", min=1)] = 20,
    first_seed: Annotated[int, typer.Option(help="The first seed.", min=0)] = 1,
    jobs: Annotated[
        int, typer.Option(help="Runs side by side. One at an address that runs would share.", min=1, max=64)
    ] = 1,
    engine: Annotated[
        str, typer.Option(help="Run as tasks of Spark: its master, such as spark://host:7077; --jobs tasks at a time.")
    ] = "",
    folder: Annotated[
        Path, typer.Option("--out", help="Folder of the runs; a campaign that was cut off goes on from what is there.")
    ] = Path("ackord-out/campaign"),
    as_json: Annotated[bool, typer.Option("--json", help="Print campaign.json to standard output.")] = False,
    *,
    options: RunOptions,
) -> None:
    """Judge many contracts with many seeds, each run a process of its own, and sum them up in one verdict."""
    from dataclasses import replace

    from ..run.campaign import SUMMARY_FILE, Campaign

    wanted = Campaign(
        contracts, replace(options, shard=""), range(first_seed, first_seed + seeds), folder, options.shard, engine
    )
    done = 0
    total = len(wanted.keys())

    def told(run: CampaignRun) -> None:
        nonlocal done
        done += 1
        said = ", ".join(run.broken) or ("" if run.exit_code == 0 else run.says)
        print(f"{run.contract} seed {run.seed}: {run.result} ({run.elapsed_ms / 1000:.1f} s) {said}", file=sys.stderr)
        print(f"{done} done, at most {total - done} to go", file=sys.stderr)

    with interruptible(f"what is done is kept in {folder}; the same command goes on from there"):
        verdict = wanted.run(jobs=jobs, on_done=told)
    if as_json:
        write_bytes((folder / SUMMARY_FILE).read_bytes())
    for contract, held, others, broken in verdict.rows():
        print(f"{contract}  held {held}  {others}  {broken}", file=sys.stderr if as_json else sys.stdout)
    print(verdict.sentence, file=sys.stderr if as_json else sys.stdout)
    raise typer.Exit(verdict.exit_code)


def register(app: typer.Typer) -> None:
    app.command(epilog=EXIT_CODES)(campaign)
