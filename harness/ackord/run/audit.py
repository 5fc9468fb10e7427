"""Judge offline: journals of earlier runs, and traffic recorded by a merchant's proxy or browser (HAR)."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract
from ..core.history import History
from ..core.landing import estimate
from ..core.operation import Vantage
from ..core.result import CampaignResult, ProfileResult
from ..errors import UsageError
from ..record.har_import import read_recording
from ..record.journal import read_journal
from ..workload.openapi_check import ApiDocument, requests_of
from .judging import judge_run

__all__ = ["audit_recordings"]


def audit_recordings(
    paths: Sequence[Path], document: ApiDocument | None = None, *, contract: str = ""
) -> CampaignResult:
    """Judge journals of one contract, and HAR files by the contract of that name or path.

    Raises ``UsageError`` if their contracts differ or are not of the provider that ``document`` describes,
    ``FileError`` or ``JournalError`` for a bad file.
    """
    loaded = _contract_of_hars(paths, contract)
    results = []
    headers = []
    for path in paths:
        history, notes = _read(path, loaded, contract)
        header = history.header
        headers.append(header)
        at_ns = [e.at_ns for e in history.events]
        verdict = judge_run(history, document)
        results.append(
            ProfileResult(
                profile=header.profile,
                verdict=replace(verdict, notes=(*verdict.notes, *notes)),
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
    if contract:
        words += ["--contract", contract]
    if document is not None:
        words += document.on_command_line()
    first = headers[0]
    strangers = {h.contract for h in headers} - {first.contract}
    if strangers:
        raise UsageError(
            f"these recordings are of different contracts: {first.contract}, {', '.join(sorted(strangers))}"
        )
    return CampaignResult(
        contract=first.contract,
        provider=f"{first.contract}, as recorded",
        subject=first.subject,
        target="recording" if loaded else "journal",
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


def _is_har(path: Path) -> bool:
    return path.suffix.lower() == ".har"


def _contract_of_hars(paths: Sequence[Path], contract: str) -> LoadedContract | None:
    """Return the contract of the HAR files; ``None`` without HAR files. Raises ``UsageError``.

    Secrets missing from the environment get placeholders: credentials are rarely in a recording.
    """
    hars = [path for path in paths if _is_har(path)]
    if bool(hars) == bool(contract):
        return load_contract(contract, env=PlaceholderEnv(os.environ)) if hars else None
    if hars:
        raise UsageError(
            f"{hars[0]}: a recording does not say whose API it is.\n  mend: give its contract with --contract"
        )
    raise UsageError("--contract is for HAR files: a journal holds what its contract promised")


def _read(path: Path, loaded: LoadedContract | None, contract: str) -> tuple[History, tuple[str, ...]]:
    if loaded is None or not _is_har(path):
        return read_journal(path), ()
    command = shlex.join(["ackord", "audit", str(path), "--contract", contract])
    return read_recording(path, loaded, command=command, options={"requests": requests_of(loaded.contract)})
