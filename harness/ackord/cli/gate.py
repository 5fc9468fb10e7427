"""Defines ``ackord gate``: judge evidence by a policy, write its baseline, record results, ask what may ship."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..run.options.run_options import RunOptions
from .default_command import group_with_default
from .evidence_arguments import TextForm, document_for
from .options import with_run_options
from .standard_output import write_bytes

if TYPE_CHECKING:
    import datetime

    from ..core.result import CampaignResult
    from ..gate.baseline import Baseline
    from ..gate.policy import LoadedPolicy

__all__ = ["register"]

_EXIT_CODES = (
    "Exit codes: 0 the gate is passed; 1 a finding is new, worse, expired or gone, or cannot be waived; 2 your input "
    "is wrong; 3 something was not judged, never a pass; 4 a judge failed."
)
_SHIP_CODES = "Exit codes: 0 it may ship; 1 something is broken; 2 your input is wrong; 3 something is not known."

group = typer.Typer(
    help="Gates for pipelines, over recorded evidence. `ackord gate DIR` is `ackord gate check DIR`.",
    cls=group_with_default("check"),
    no_args_is_help=True,
)

_Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="The evidence folder of a run; of shards, the merged one.")
]
_PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="The gate's policy, a YAML file. Default: everything must hold."),
]
_BaselineFile = Annotated[
    Path | None, typer.Option("--baseline", help="The file of known findings. Default: the one that the policy names.")
]
_Contract = Annotated[str, typer.Option(help="The contract of journals without a copy of it: a name or a path.")]
_On = Annotated[
    str, typer.Option("--on", help="Judge expiries as on this day, such as 2027-03-31; not before today (UTC).")
]
_Form = Annotated[TextForm, typer.Option("--format", help="How the answer is written.")]


@group.command("check", epilog=_EXIT_CODES)
@with_run_options("openapi", "openapi_strict")
def check(
    folder: _Folder,
    policy: _PolicyFile = None,
    baseline: _BaselineFile = None,
    on: _On = "",
    form: _Form = TextForm.TEXT,
    contract: _Contract = "",
    *,
    options: RunOptions,
) -> None:
    """Judge a run by a policy, from its evidence: its journals are judged again. Known findings pass until they expire;
    one that does not occur any more fails, so that the baseline only shrinks by being mended.
    """
    from ..gate.evaluation import evaluate
    from ..gate.gate_text import gate_json, gate_markdown, gate_text

    campaign, loaded, known = _inputs(folder, policy, baseline, contract, options)
    verdict = evaluate(campaign, loaded, known, _day(on))
    if form is TextForm.JSON:
        write_bytes(gate_json(verdict))
    else:
        print((gate_markdown if form is TextForm.MARKDOWN else gate_text)(verdict), end="")
    raise typer.Exit(verdict.exit_code)


@group.command("baseline", epilog="Exit codes: 0 it is written; 1 it is, but for a finding that cannot be accepted.")
@with_run_options("openapi", "openapi_strict")
def write(
    folder: _Folder,
    owner: Annotated[str, typer.Option(help="Who answers for the findings that are accepted now.")],
    reason: Annotated[str, typer.Option(help="Why they are accepted, such as a ticket.")],
    expires: Annotated[str, typer.Option(help="Until when: a day such as 2027-03-31, or days from now, such as 30d.")],
    policy: _PolicyFile = None,
    baseline: _BaselineFile = None,
    on: _On = "",
    contract: _Contract = "",
    *,
    options: RunOptions,
) -> None:
    """Accept what is broken in a run, for a time: writes the baseline. What is known keeps its owner, reason and
    expiry; what does not occur any more goes; what was not judged stays.
    """
    from ..errors import UsageError
    from ..gate.acceptance import acceptance_of, updated_baseline
    from ..gate.baseline import write_baseline
    from ..gate.policy import read_policy
    from ..report.format import printable

    path = baseline or read_policy(policy).baseline
    if path is None:
        raise UsageError(
            "where the baseline goes is not known.\n  mend: give --baseline FILE, or a --policy that names one"
        )
    campaign, loaded, known = _inputs(folder, policy, path, contract, options, may_be_new=True)
    update = updated_baseline(campaign, loaded.policy, known, acceptance_of(owner, reason, expires, _day(on)))
    write_baseline(path, update.baseline)
    for word, waivers in (("accepted", update.added), ("kept", update.kept), ("removed", update.dropped)):
        for waiver in waivers:
            where = f"{waiver.guarantee} under {printable(waiver.profile)}"
            print(f"{word}  {waiver.result} {where}, until {waiver.expires}")
    for cell, why in update.refused:
        print(f"refused  {cell.result} {cell.guarantee} under {printable(cell.profile)}: {why}")
    print(f"{path}: {len(update.baseline.waivers)} known findings")
    raise typer.Exit(1 if update.refused else 0)


@group.command("record", epilog="Exit codes: 0 it is recorded, whatever the gate says; 2 your input is wrong.")
@with_run_options("openapi", "openapi_strict")
def record(
    folder: _Folder,
    results: Annotated[Path, typer.Option(help="The file of recorded results (.jsonl), or a folder of such files.")],
    policy: _PolicyFile = None,
    baseline: _BaselineFile = None,
    on: _On = "",
    contract: _Contract = "",
    *,
    options: RunOptions,
) -> None:
    """Record what the gate says of a run, for `ackord gate can-i-ship`: a line for each profile, to be kept in the
    repository. The run must have been made with `--provider-version`.
    """
    from ..gate.evaluation import evaluate
    from ..gate.gate_text import gate_sentence
    from ..gate.recorded_results import record_results, results_of

    campaign, loaded, known = _inputs(folder, policy, baseline, contract, options)
    verdict = evaluate(campaign, loaded, known, _day(on))
    rows = results_of(campaign, verdict)
    written = record_results(results, rows)
    for row in rows:
        print(f"{row.provider_version}  {row.profile}: {row.result}, may ship: {row.ships}")
    print(f"{written}: {len(rows)} runs recorded; {gate_sentence(verdict)}")


@group.command("can-i-ship", epilog=_SHIP_CODES)
def can_i_ship(
    results: Annotated[Path, typer.Option(help="The file of recorded results (.jsonl), or a folder of such files.")],
    provider_version: Annotated[str, typer.Option(help="The version that is to ship.")],
    suite_version: Annotated[str, typer.Option(help="The version of Ackord. Default: this one.")] = "",
    profiles: Annotated[
        list[str] | None,
        typer.Option(
            "--profile",
            help="A profile that must have passed; may be repeated. Default: those that the "
            "policy requires, or else every one that is recorded.",
        ),
    ] = None,
    policy: _PolicyFile = None,
    contract: Annotated[str, typer.Option(help="The contract's name, where results of several are recorded.")] = "",
    form: _Form = TextForm.TEXT,
) -> None:
    """Say from recorded results whether a version may ship: every profile that is wanted must have passed in every run
    that is recorded for this version of the provider and of the suite.
    """
    from .. import __version__
    from ..gate.compatibility import can_i_ship, ship_json, ship_markdown, ship_text
    from ..gate.policy import read_policy
    from ..gate.recorded_results import read_results

    wanted = profiles or read_policy(policy).policy.require.profiles
    answer = can_i_ship(
        read_results(results), provider_version, suite_version or __version__, contract=contract, profiles=wanted
    )
    if form is TextForm.JSON:
        write_bytes(ship_json(answer))
    else:
        print((ship_markdown if form is TextForm.MARKDOWN else ship_text)(answer), end="")
    raise typer.Exit(answer.exit_code)


def _inputs(
    folder: Path, policy: Path | None, baseline: Path | None, contract: str, options: RunOptions, *,
    may_be_new: bool = False,
) -> tuple[CampaignResult, LoadedPolicy, Baseline]:  # fmt: skip
    """Read the evidence, the policy and the baseline; files of the user's first, since they are read in no time.

    ``may_be_new``: a baseline that is not there yet knows nothing.
    """
    from ..gate.baseline import Baseline, read_baseline
    from ..gate.policy import read_policy
    from ..run.recorded_campaign import recorded_campaign

    loaded = read_policy(policy)
    path = baseline or loaded.baseline
    known = Baseline("")
    # What a policy names may be still to be written: without it nothing is known, which is no laxer.
    if path is not None and (path.exists() or (baseline is not None and not may_be_new)):
        known = read_baseline(path)
    return recorded_campaign(folder, document_for(contract, options), contract=contract), loaded, known


def _day(on: str) -> datetime.date:
    """Return the day by which expiries are judged. Raises ``UsageError`` for one that has passed: it would make what
    has expired valid again.
    """
    import datetime

    from ..core.clock import RealClock
    from ..errors import UsageError
    from ..gate.policy import day_of

    today = datetime.date.fromisoformat(RealClock.wall_iso()[:10])
    if not on:
        return today
    try:
        day = day_of(on)
    except ValueError as why:
        raise UsageError(f"--on {on}: this is no day.\n  expected: {why}") from None
    if day < today:
        raise UsageError(
            f"--on {on}: this day has passed, and what has expired would be valid again.\n  mend: leave it out"
        )
    return day


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="gate")
