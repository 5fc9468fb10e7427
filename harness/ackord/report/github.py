"""Reports to GitHub Actions: a Markdown summary of the job, and one annotation for each broken guarantee.

Bounds and escapes follow GitHub's documentation, *Workflow commands for GitHub Actions*: a step's summary holds at most
1 MiB, a step shows at most ten error annotations, and ``%``, CR and LF (in properties also ``:`` and ``,``) are written
as percent codes.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from ..core.result import CampaignResult
from ..core.verdict import GuaranteeVerdict, Result
from ..errors import unwritable
from .campaign_summary import (
    BrokenGuarantee,
    broken,
    broken_by_cause,
    closing_sentence,
    labelled,
    notes,
    rows,
    unjudged,
)
from .coverage_text import coverage_sentences
from .explanation import explain_finding
from .format import count, printable, short_count
from .landing_text import landing_sentences, landing_windows

__all__ = ["ANNOTATIONS", "LIMIT_BYTES", "VARIABLE", "error_commands", "summary", "write"]

VARIABLE = "GITHUB_STEP_SUMMARY"
LIMIT_BYTES = 1 << 20
ANNOTATIONS = 10
_IN_FULL = 3
_LEFT_OUT = "\n_The rest was left out: a summary may hold 1 MiB. The files of the evidence have it all._\n"
_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~$@])")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


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


def summary(result: CampaignResult, limit_bytes: int = LIMIT_BYTES) -> str:
    """Return the summary as Markdown of at most ``limit_bytes`` in UTF-8. It says how many sections did not fit."""
    kept: list[str] = []
    room = limit_bytes - len(_LEFT_OUT.encode())
    for section in _sections(result):
        size = len(section.encode("utf-8", "backslashreplace"))
        if size > room:
            return "".join([*kept, _LEFT_OUT]) if limit_bytes > len(_LEFT_OUT) else ""
        kept.append(section)
        room -= size
    return "".join(kept)


def error_commands(result: CampaignResult) -> list[str]:
    """Return ``::error`` commands, one for each broken guarantee; the tenth stands for all that remain."""
    found = broken(result)
    lines = [_annotation(b) for b in found]
    if len(lines) > ANNOTATIONS:
        rest = found[ANNOTATIONS - 1 :]
        names = ", ".join(b.guarantee for b in rest)
        lines[ANNOTATIONS - 1 :] = [_command(f"Ackord: {len(rest)} more guarantees are broken", names)]
    return lines


def _annotation(b: BrokenGuarantee) -> str:
    said = f"{b.finding.summary}\n" if b.finding is not None else ""
    where = f"{count(b.verdict.violations, 'order')} under profile {b.label}{_because(b)}"
    return _command(
        f"Ackord: {b.guarantee} {b.verdict.result.value}", f"{said}{where}. Repeat with: {b.profile.repeat}"
    )


def _command(title: str, message: str) -> str:
    return f"::error title={_escaped(title, ':,')}::{_escaped(message)}"


def _escaped(text: str, also: str = "") -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    for char in also:
        text = text.replace(char, f"%{ord(char):02X}")
    return printable(text)


def _sections(result: CampaignResult) -> list[str]:
    facts = f"{printable(result.provider)}, subject {result.subject}, seed {result.seed}"
    facts += f", budget {result.budget}" if result.budget else ""
    sections = [
        f"## Ackord: {_text(result.contract)}\n\n**{_text(closing_sentence(result))}**\n\n{_text(facts)}\n\n",
        _table(result),
    ]
    groups = broken_by_cause(result)
    sections += [_explained(b) for b, *_ in groups[:_IN_FULL] if b.finding is not None]
    rest = [
        f"- {b.verdict.result.value} `{b.guarantee}` under {_text(', '.join(b.labels))}{_because(b)}\n"
        for i, group in enumerate(groups)
        for b in (group if i >= _IN_FULL else group[1:])
    ]
    if rest:
        sections.append("\n### Also broken\n\n" + "".join(rest))
    unknown = [
        f"- {u.result.value} under {_text(', '.join(u.labels))}: {_text(u.reason)} "
        f"({', '.join(f'`{g}`' for g in u.guarantees)})\n"
        for u in unjudged(result)
    ]
    if unknown:
        sections.append("\n### Not judged\n\n" + "".join(unknown))
    unseen = coverage_sentences(result)
    if unseen:
        sections.append("\n### What was not looked at\n\n" + "".join(f"- {_text(s)}\n" for s in unseen))
    sentences = landing_sentences(landing_windows(result))
    if sentences:
        sections.append("\n### Landing window\n\n" + "".join(f"{_text(s)}\n" for s in sentences))
    remarks = notes(result)
    if remarks:
        sections.append("\n### Notes\n\n" + "".join(f"- {_text(n)}\n" for n in remarks))
    sections.append("\n### Repeat\n\n" + _fenced(result.repeat, "sh"))
    return sections


def _table(result: CampaignResult) -> str:
    labels = [label for label, _ in labelled(result)]
    table = rows(result)
    if not table:
        return ""
    lines = [" | ".join(["", "guarantee", *map(_text, labels), ""]).strip(), "|---" * (len(labels) + 1) + "|"]
    lines += [
        " | ".join(["", f"`{guarantee}`", *(_cell(cells.get(label)) for label in labels), ""]).strip()
        for guarantee, cells in table.items()
    ]
    return (
        "\n".join(lines) + "\n\nHELD n: n occasions that could have broken it; VIOLATED, UNSAFE n: n orders broke it\n"
    )


def _cell(g: GuaranteeVerdict | None) -> str:
    if g is None or g.result is Result.NOT_APPLICABLE:
        return "·"
    if g.result is Result.HELD:
        return f"HELD {short_count(g.exposures)}"
    if g.result in (Result.VIOLATED, Result.UNSAFE):
        return f"**{g.result.value}** {short_count(g.violations)}"
    return g.result.value


def _because(b: BrokenGuarantee) -> str:
    return f"; it follows from {b.follows_from}" if b.follows_from else ""


def _explained(b: BrokenGuarantee) -> str:
    assert b.finding is not None
    text = (
        explain_finding(b.finding, b.profile.history, repeat=b.profile.repeat).under(f"under profile {b.label}").text()
    )
    return "\n" + _fenced(text, "text")


def _fenced(text: str, language: str) -> str:
    """Return a fenced block with a fence that ``text`` does not contain."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"


def _text(text: str) -> str:
    """Return ``text`` escaped, so that nothing in it formats, links or mentions."""
    return _SPECIAL.sub(r"\\\1", printable(text)).translate(_HTML)
