"""Writes ``ackord-summary.md``, a campaign for people in Markdown; GitHub's job summary is the same text.

A summary holds at most 1 MiB, which is what GitHub takes of a step.
"""

from __future__ import annotations

import re

from ..core.result import CampaignResult
from ..core.verdict import GuaranteeVerdict, Result
from .campaign_summary import (
    BrokenGuarantee,
    broken_by_cause,
    closing_sentence,
    labelled,
    notes,
    rows,
)
from .coverage_text import coverage_sentences
from .explanation import explain_finding
from .format import printable, short_count
from .landing_text import landing_sentences, landing_windows
from .missing_evidence import UnjudgedStep, unjudged_by_step

__all__ = ["FILE_NAME", "LIMIT_BYTES", "because", "escaped", "fenced", "render", "summary", "table"]

FILE_NAME = "ackord-summary.md"
LIMIT_BYTES = 1 << 20
_IN_FULL = 3
_LEFT_OUT = "\n_The rest was left out: a summary may hold 1 MiB. The files of the evidence have it all._\n"
_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~$@])")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render(result: CampaignResult) -> bytes:
    """Return the file's content."""
    return summary(result).encode("utf-8", "backslashreplace")


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


def _sections(result: CampaignResult) -> list[str]:
    facts = f"{printable(result.provider)}, subject {result.subject}, seed {result.seed}"
    facts += f", budget {result.budget}" if result.budget else ""
    sections = [
        f"## Ackord: {escaped(result.contract)}\n\n**{escaped(closing_sentence(result))}**\n\n{escaped(facts)}\n\n",
        table(result),
    ]
    groups = broken_by_cause(result)
    sections += [_explained(b) for b, *_ in groups[:_IN_FULL] if b.finding is not None]
    rest = [
        f"- {b.verdict.result.value} `{b.guarantee}` under {escaped(', '.join(b.labels))}{because(b)}\n"
        for i, group in enumerate(groups)
        for b in (group if i >= _IN_FULL else group[1:])
    ]
    if rest:
        sections.append("\n### Also broken\n\n" + "".join(rest))
    unknown = unjudged_by_step(result)
    if unknown:
        sections.append("\n### Not judged\n" + "".join(map(_unjudged, unknown)))
    unseen = coverage_sentences(result)
    if unseen:
        sections.append("\n### What was not looked at\n\n" + "".join(f"- {escaped(s)}\n" for s in unseen))
    sentences = landing_sentences(landing_windows(result))
    if sentences:
        sections.append("\n### Landing window\n\n" + "".join(f"{escaped(s)}\n" for s in sentences))
    remarks = notes(result)
    if remarks:
        sections.append("\n### Notes\n\n" + "".join(f"- {escaped(n)}\n" for n in remarks))
    sections.append("\n### Repeat\n\n" + fenced(result.repeat, "sh"))
    return sections


def table(result: CampaignResult) -> str:
    """Return guarantees by profiles as a table with its legend; empty if nothing was judged."""
    labels = [label for label, _ in labelled(result)]
    table = rows(result)
    if not table:
        return ""
    lines = [" | ".join(["", "guarantee", *map(escaped, labels), ""]).strip(), "|---" * (len(labels) + 1) + "|"]
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


def _unjudged(entry: UnjudgedStep) -> str:
    """Return a list of reasons with their guarantees, and below it the step that is for all of them."""
    listed = "".join(
        f"- {u.result.value} under {escaped(', '.join(u.labels))}: {escaped(u.reason)} "
        f"({', '.join(f'`{g}`' for g in u.guarantees)})\n"
        for u in entry.groups
    )
    return f"\n{listed}" + (f"\n**Next:** {escaped(entry.step)}\n" if entry.step else "")


def because(b: BrokenGuarantee) -> str:
    """Return what a broken guarantee follows from, to be put after it; empty if it stands for itself."""
    return f"; it follows from {b.follows_from}" if b.follows_from else ""


def _explained(b: BrokenGuarantee) -> str:
    assert b.finding is not None
    text = (
        explain_finding(b.finding, b.profile.history, repeat=b.profile.repeat).under(f"under profile {b.label}").text()
    )
    return "\n" + fenced(text, "text")


def fenced(text: str, language: str) -> str:
    """Return a fenced block with a fence that ``text`` does not contain."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"


def escaped(text: str) -> str:
    """Return ``text`` escaped, so that nothing in it formats, links or mentions."""
    return _SPECIAL.sub(r"\\\1", printable(text)).translate(_HTML)
