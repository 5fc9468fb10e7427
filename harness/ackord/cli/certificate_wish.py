"""Adds a certificate to a run: checks before it what can be checked, and issues the certificate at its end."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.result import CampaignResult
from ..errors import FileError, UsageError
from ..run.options.run_options import RunOptions

if TYPE_CHECKING:
    from ..certificate.issue import CertificateOrder
    from ..run.options.plan import RunPlan
    from ..workload.openapi_check import ApiDocument

__all__ = ["CertificateWish", "Level", "Nonce", "Sign", "Subject", "ValidFor"]

_PANEL = "Certificate"
Level = Annotated[
    str,
    typer.Option(
        "--level",
        help="Judge a level, A0, A1 or A2: it says which profiles are run, and the exit code is 0 if it is earned.",
        rich_help_panel=_PANEL,
    ),
]
Sign = Annotated[
    Path | None,
    typer.Option(
        "--sign", help="Sign a certificate of the level with this key (`ackord keys new`).", rich_help_panel=_PANEL
    ),
]
Subject = Annotated[
    Path | None,
    typer.Option(
        "--subject",
        help="What the certificate is about, a YAML file: vendor, product, version.",
        rich_help_panel=_PANEL,
    ),
]
Nonce = Annotated[
    str,
    typer.Option(
        "--nonce",
        help="A challenge of a customer's: the seed follows from it, and it is signed.",
        rich_help_panel=_PANEL,
    ),
]
ValidFor = Annotated[
    str, typer.Option("--valid-for", help="How long the certificate is valid, at most 366d.", rich_help_panel=_PANEL)
]


@dataclass(frozen=True, slots=True)
class CertificateWish:
    """What of a certificate a user asks for; nothing at all without a level."""

    level: str
    sign: Path | None
    subject: Path | None
    nonce: str
    valid_for: str

    def run_options(self, options: RunOptions) -> RunOptions:
        """Return the options of the run that the wish demands.

        Raises ``UsageError`` for a wish that contradicts itself or the options, ``FileError`` for a wrong key or
        subject.
        """
        if not self.level:
            if self.sign or self.subject or self.nonce:
                raise UsageError("a certificate is one of a level.\n  mend: name it with --level, such as --level A0")
            return options
        from ..certificate.level_run import level_options

        options = level_options(options, self.level, self.nonce)
        if self.sign is not None and options.shard:
            raise UsageError(
                "a shard is no whole run, so it cannot be certified.\n"
                "  mend: leave --sign out; merge the shards (ackord report merge), then sign them (ackord sign)"
            )
        if self.sign is not None:
            self.order()
        elif self.subject is not None:
            raise UsageError("--subject describes what is signed.\n  mend: name the key with --sign, or leave it out")
        return options

    def planned(self, plan: RunPlan) -> RunPlan:
        """Return the plan of the level's run. Raises ``UsageError`` for a level that the target cannot earn, and
        ``FileError`` for a folder that is taken.
        """
        if not self.level:
            return plan
        from ..certificate.level_run import level_plan
        from ..certificate.levels import LEVELS

        if self.sign is not None:
            _refuse_taken(bundle_in(plan.out))
        return level_plan(plan, LEVELS.get(self.level))

    def order(self, document: ApiDocument | None = None) -> CertificateOrder:
        """Return what is to be signed, now. Raises ``FileError`` for a wrong key or subject, ``UsageError`` else."""
        from ..certificate.challenge import checked_nonce
        from ..certificate.issue import CertificateOrder
        from ..certificate.keys import read_private_key
        from ..certificate.subject import read_subject
        from ..core.clock import RealClock

        if self.sign is None or self.subject is None:
            raise UsageError("a certificate needs a key and a subject.\n  mend: --sign key.pem --subject vendor.yaml")
        read_subject(self.subject)
        return CertificateOrder(
            self.level,
            read_private_key(self.sign),
            self.subject,
            RealClock.unix_s(),
            _seconds(self.valid_for),
            checked_nonce(self.nonce) if self.nonce else "",
            None if document is None else document.path,
            document is not None and document.strict,
        )

    @contextlib.contextmanager
    def at_the_end(self, result: CampaignResult, plan: RunPlan) -> Iterator[None]:
        """Judge the level after the code inside has ended the command, sign it if that is wished, and end with the
        level's exit code.
        """
        try:
            yield
        except typer.Exit:
            if not self.level:
                raise
            if plan.shard is not None:
                print(
                    f"{self.level} is judged once the shards are merged (ackord report merge, ackord sign).",
                    file=sys.stderr,
                )
                raise
            raise typer.Exit(self.conclude(result, plan.out, plan.openapi)) from None

    def conclude(self, result: CampaignResult, out: Path, document: ApiDocument | None) -> int:
        """Print whether the level is granted, and sign it if that is wished; return the exit code."""
        from ..certificate.assessment import assess, gravest
        from ..certificate.issue import issue_certificate
        from ..certificate.levels import LEVELS
        from ..report.format import printable

        assessment = assess(result, LEVELS.get(self.level))
        denials, bundle = assessment.denials, None
        if self.sign is not None and assessment.granted:
            issued = issue_certificate(result, out, self.order(document), bundle_in(out))
            assessment, denials, bundle = issued.assessment, issued.denials, issued.bundle
        for seen in assessment.beside:
            print(f"beside     {seen.guarantee} is {seen.result}: no part of {self.level}", file=sys.stderr)
        if denials:
            print(f"{self.level} is not granted:", file=sys.stderr)
            for denial in denials:
                print(f"  - {printable(denial.sentence)}", file=sys.stderr)
        code = gravest(denials)
        verdict = f"{self.level}: {'not granted' if denials else 'granted'}"
        print(f"{verdict}. Exit code {code}, which is the level's.", file=sys.stderr)
        if bundle is not None:
            print(f"certificate {bundle}", file=sys.stderr)
        return code


def bundle_in(out: Path) -> Path:
    """Return where the bundle of a run goes."""
    return out / "certificate"


def _refuse_taken(bundle: Path) -> None:
    if bundle.is_dir() and any(bundle.iterdir()):
        raise FileError(
            bundle, None, "here is a certificate already", mend="choose another folder with --out, or move it away"
        )


def _seconds(text: str) -> int:
    from ..certificate.verification import MOST_VALID_S
    from ..contract.base.field_types import Duration

    with contextlib.suppress(ValueError):
        seconds = Duration(text).ns // 10**9
        if 0 < seconds <= MOST_VALID_S:
            return seconds
    raise UsageError(f"--valid-for {text}: no certificate is valid so long.\n  expected: such as 90d, at most 366d")
