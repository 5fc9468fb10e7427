"""Judging again from journals alone, offline."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from ..core.landing import estimate
from ..core.operation import Vantage
from ..core.result import CampaignResult, ProfileResult
from ..errors import UsageError
from ..record.journal import read_journal
from ..workload.schema import ApiDocument
from .judging import judge_run

__all__ = ["audit_journals"]


def audit_journals(paths: Sequence[Path], document: ApiDocument | None = None) -> CampaignResult:
    """Judge journals of one contract. Raises ``UsageError`` if they are of different contracts
    or not of the provider that ``document`` describes, ``FileError`` or ``JournalError`` for a bad file."""
    results = []
    headers = []
    for path in paths:
        history = read_journal(path)
        header = history.header
        headers.append(header)
        at_ns = [e.at_ns for e in history.events]
        results.append(
            ProfileResult(
                profile=header.profile,
                verdict=judge_run(history, document),
                history=history,
                landing=estimate(history),
                journal=str(path),
                operations=sum(
                    1 for e in history.events if getattr(e, "vantage", None) is Vantage.MERCHANT and hasattr(e, "kind")
                ),
                elapsed_ns=max(at_ns) - min(at_ns) if at_ns else 0,
                repeat=header.command,
            )
        )
    words = ["ackord", "audit", *map(str, paths)]
    if document is not None:
        words += document.on_command_line()
    first = headers[0]
    strangers = {h.contract for h in headers} - {first.contract}
    if strangers:
        raise UsageError(f"these journals are of different contracts: {first.contract}, {', '.join(sorted(strangers))}")
    return CampaignResult(
        contract=first.contract,
        provider=f"{first.contract}, as recorded",
        subject=first.subject,
        target="journal",
        flaw=str(first.options.get("flaw", "")),
        seed=first.seed,
        budget=str(first.options.get("budget", "")),
        started=first.started,
        elapsed_ns=sum(r.elapsed_ns for r in results),
        profiles=tuple(results),
        not_run=(),
        out=str(Path(paths[0]).parent),
        repeat=shlex.join(words),
    )
