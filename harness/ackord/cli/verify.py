"""Defines ``ackord verify``, which checks a certificate and judges its evidence again."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..run.options.run_options import RunOptions
from .options import with_run_options

if TYPE_CHECKING:
    from ..certificate.verification import Verification

__all__ = ["register"]

_EPILOG = (
    "Exit codes: 0 it is sound; 1 it is false: altered, not signed by this key, signed but wrong, or replayed; 2 your "
    "input is wrong; 3 it proves nothing: expired, judged by another version, or no key was given; with --again also "
    "those of `ackord certify`."
)


@with_run_options(
    "budget", "time_limit", "out", "ca", "remote", "production", "allow_hooks", "toxiproxy", "callback_port",
    "postgres_bin",
)  # fmt: skip
def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The folder of a certificate.")],
    key: Annotated[
        Path | None,
        typer.Option(help="The vendor's public key, got by another way than the bundle. Without it nothing is proven."),
    ] = None,
    nonce: Annotated[str, typer.Option(help="The challenge that you gave the vendor before the run.")] = "",
    max_age: Annotated[str, typer.Option("--max-age", help="How long ago it may have been issued, such as 7d.")] = "",
    at: Annotated[
        str, typer.Option(help="Verify it for another time, such as 2026-01-02T03:04:05Z. Default: now.")
    ] = "",
    badge: Annotated[
        Path | None,
        typer.Option(help="Write a badge for the endpoint of shields.io: grey once it expired."),
    ] = None,
    again: Annotated[
        str,
        typer.Option(
            metavar="TARGET",
            help="Certify the same level yourself, with another seed, at this address (or `reference`), and compare.",
        ),
    ] = "",
    *,
    options: RunOptions,
) -> None:
    """Check a certificate: signature, digests, times; then read the raw answers again, judge them again, and say how it
    differs from what was signed. Needs no network.
    """
    from ..certificate.badge import badge_json
    from ..certificate.verification import verify_bundle
    from ..report.files import write_file

    verification = verify_bundle(bundle, _request(key, nonce, max_age, at))
    if badge is not None:
        write_file(badge, badge_json(verification), masked=True)
    _show(verification, bundle)
    code = verification.soundness.exit_code
    if again:
        if code == 1 or verification.again is None or verification.statement is None:
            print("ackord: it is not certified again: what was signed is not to be compared with", file=sys.stderr)
            raise typer.Exit(code)
        own = _certify_again(bundle, verification.statement, replace(options, target=again))
        code = code or own
    raise typer.Exit(code)


def _request(key: Path | None, nonce: str, max_age: str, at: str) -> Any:
    from ..certificate.dates import unix_of
    from ..certificate.keys import read_public_key
    from ..certificate.verification import VerificationRequest
    from ..contract.base.field_types import Duration
    from ..core.clock import RealClock
    from ..errors import UsageError

    try:
        at_s = unix_of(at) if at else RealClock.unix_s()
    except ValueError as why:
        raise UsageError(f"--at {at}: this is no time.\n  expected: such as 2026-01-02T03:04:05Z, in UTC") from why
    try:
        oldest_s = Duration(max_age).ns // 10**9 if max_age else None
    except ValueError as why:
        raise UsageError(f"--max-age {max_age}: this is no time.\n  expected: such as 12h or 7d") from why
    return VerificationRequest(at_s, None if key is None else read_public_key(key), nonce, oldest_s)


def _show(verification: Verification, bundle: Path) -> None:
    from ..report.format import printable

    print(f"{verification.soundness.value}: {printable(str(bundle))}")
    for finding in verification.findings:
        said = "\n    ".join(printable(line) for line in finding.sentence.splitlines())
        print(f"  - {finding.kind.value.lower()}: {said}")
    if verification.statement is not None and verification.again is not None:
        try:
            lines = _about(verification)
        except (KeyError, TypeError, AttributeError):
            lines = ["What was signed has another form than that of this version, and is not shown."]
        print(*lines, sep="\n")
    print(f"Exit code {verification.soundness.exit_code}.")


def _about(verification: Verification) -> list[str]:
    """Return what the statement says, and what no certificate can say."""
    from ..report.format import printable

    assert verification.statement is not None and verification.again is not None
    data = verification.statement["predicate"]
    claim, subject, suite = data["claim"], data["subject"], data["suite"]
    lines = [
        f"level      {claim['level']}  {claim['title']}",
        f"subject    {subject['product']} {subject['version']}, {subject['vendor']} ({subject['environment']})",
        f"judged     {data['judged']['provider']}, at {data['judged']['started']}, seed {suite['seed']}, by Ackord "
        f"{suite['version']}",
        f"valid      from {claim['issued']} to {claim['expires']}",
        f"challenge  {claim['nonce'] or 'none'}",
        f"run        {claim['run']}",
        f"signer     {verification.signer}",
    ]
    lines += [f"differs    {sentence}" for sentence in verification.again.differences]
    lines += [f"beside     {row['id']} is {row['result']}: no part of {claim['level']}" for row in data["guarantees"]
              if not row["strength"] and row["result"] not in ("HELD", "NOT_APPLICABLE")]  # fmt: skip
    lines += [f"not tried  {p['profile']}: {p['reason']}" for p in data["left_out"]]
    lines += [f"not read   {count} raw answers: {why}" for why, count in data["unread_answers"].items()]
    lines.append("It does not prove:")
    lines += [f"  - {sentence}" for sentence in data["does_not_prove"]]
    return [printable(line) for line in lines]


def _certify_again(bundle: Path, statement: dict[str, Any], options: RunOptions) -> int:
    """Run the certificate's level at a target, print both side by side, and return one's own run's exit code."""
    from ..certificate.again import compared, plan_again
    from ..report.format import printable
    from ..report.report_registry import write_all
    from ..run.evidence import begin_evidence
    from ..run.session import Session
    from .interrupt import interruptible
    from .terminal_output import ENDED, TerminalOutput

    plan = plan_again(bundle, statement["predicate"]["claim"]["level"], options)
    begin_evidence(plan.out, keep=plan.contract.path)
    output = TerminalOutput(quiet=False, verbose=False, as_json=False)
    display = output.progress([p.name for p in plan.profiles])
    session = Session(plan, display.update)
    with (
        interruptible(f"{ENDED}; the journals so far are in {plan.out}"),
        output.reported(plan.out, session.cut_short),
        display,
        session,
    ):
        result = session.run_all()
    write_all(result, plan.out)
    assessment, rows = compared(statement, result)
    width = max(len(row.guarantee) for row in rows)
    print(f"\n{'guarantee':{width}}  {'':6}  {'certificate':22}  again")
    for row in rows:
        said = f"{row.own}{'' if row.agrees else '  <- differs'}"
        print(f"{row.guarantee:{width}}  {row.strength:6}  {row.signed:22}  {said}")
    for denial in assessment.denials:
        print(f"  - {printable(denial.sentence)}")
    granted = "earned again" if assessment.granted else "not earned again"
    print(f"{assessment.level.name} is {granted}, with seed {result.seed}; evidence in {plan.out}.")
    print(f"Exit code {assessment.exit_code}.")
    return assessment.exit_code


def register(app: typer.Typer) -> None:
    app.command(epilog=_EPILOG)(verify)
