"""Gather the results of a test suite for the reports, and name its files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from ..core.result import CampaignResult, ProfileResult

__all__ = ["campaign_of", "file_name", "shown"]

_LONGEST_NAME = 100


def campaign_of(results: Sequence[ProfileResult], folder: Path) -> CampaignResult:
    """Return results of one contract together; ``folder`` is where they are."""
    header = results[0].history.header
    return CampaignResult(
        contract=header.contract,
        provider=header.contract,
        subject=header.subject,
        target=str(header.options.get("target", "")),
        flaw=str(header.options.get("flaw", "")),
        seed=header.seed,
        budget=str(header.options.get("budget", "")),
        started=header.started,
        elapsed_ns=sum(r.elapsed_ns for r in results),
        profiles=tuple(results),
        not_run=(),
        out=str(folder),
        repeat=results[0].repeat,
    )


def file_name(node: str) -> str:
    """Return the name of the folder for a test, such as ``test_lag-py--test_one-1f3a9c02``; one name a node id."""
    safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in node)
    return f"{safe[:_LONGEST_NAME]}-{hashlib.blake2b(node.encode(), digest_size=4).hexdigest()}"


def shown(path: Path) -> str:
    """Return a path as short as it can be written from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
