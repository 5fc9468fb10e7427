"""Reports to GitHub Actions: a Markdown summary of the job, and one annotation for each broken guarantee.

Bounds and escapes follow GitHub's documentation, *Workflow commands for GitHub Actions*: a step's summary holds at most
1 MiB, a step shows at most ten error annotations, and ``%``, CR and LF (in properties also ``:`` and ``,``) are written
as percent codes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..core.result import CampaignResult
from ..errors import unwritable
from .campaign_summary import BrokenGuarantee, broken
from .format import count, printable
from .markdown import LIMIT_BYTES, because, summary

__all__ = ["ANNOTATIONS", "VARIABLE", "error_commands", "write"]

VARIABLE = "GITHUB_STEP_SUMMARY"
ANNOTATIONS = 10


def write(result: CampaignResult, _out: Path) -> Path | None:
    """Append the summary to the file that ``$GITHUB_STEP_SUMMARY`` names and print the annotations; do nothing if it is
    not set.

    Raises ``FileError`` if the file cannot be written.
    """
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    path = Path(name)
    try:
        there_bytes = path.stat().st_size if path.exists() else 0
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(summary(result, LIMIT_BYTES - there_bytes))
    except OSError as error:
        raise unwritable(path, "the summary", error, mend=f"unset {VARIABLE}") from error
    for line in error_commands(result):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    return path


def error_commands(result: CampaignResult) -> list[str]:
    """Return ``::error`` commands, one for each broken guarantee; the tenth stands for all that remain."""
    found = broken(result)
    lines = [_annotation(result, b) for b in found]
    if len(lines) > ANNOTATIONS:
        rest = found[ANNOTATIONS - 1 :]
        names = ", ".join(b.guarantee for b in rest)
        place = _place(result, rest[0].guarantee)
        lines[ANNOTATIONS - 1 :] = [_command(f"Ackord: {len(rest)} more guarantees are broken", names, place)]
    return lines


def _annotation(result: CampaignResult, b: BrokenGuarantee) -> str:
    said = f"{b.finding.summary}\n" if b.finding is not None else ""
    where = f"{count(b.verdict.violations, 'order')} under profile {b.label}{because(b)}"
    message = f"{said}{where}. Repeat with: {b.profile.repeat}"
    return _command(f"Ackord: {b.guarantee} {b.verdict.result.value}", message, _place(result, b.guarantee))


def _place(result: CampaignResult, guarantee: str) -> str:
    """Return the properties of a command that point into the contract; empty if its file is not known."""
    if not result.contract_file:
        return ""
    return f"file={_escaped(result.contract_file, ':,')},line={result.line_of(guarantee)},"


def _command(title: str, message: str, place: str = "") -> str:
    return f"::error {place}title={_escaped(title, ':,')}::{_escaped(message)}"


def _escaped(text: str, also: str = "") -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    for char in also:
        text = text.replace(char, f"%{ord(char):02X}")
    return printable(text)
