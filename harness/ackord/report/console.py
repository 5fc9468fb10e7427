"""Prints the end of a campaign: the table, the smallest history of each broken guarantee with what follows from it, the
landing window, and the repeat command.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ..core.result import CampaignResult
from ..core.verdict import Result
from .campaign_summary import (
    BrokenGuarantee,
    broken,
    broken_by_cause,
    closing_sentence,
    gaps,
    notes,
)
from .coverage_text import coverage_sentences
from .explanation import Explanation, explain_finding
from .format import MEANINGS, count, printable
from .landing_text import print_landing
from .missing_evidence import next_steps, unjudged_by_step
from .progress_display import ProgressDisplay
from .styles import STYLES
from .table import print_table

__all__ = ["IN_FULL", "ProgressDisplay", "print_campaign", "print_explanation", "print_short"]

IN_FULL = 3
"""Number of broken guarantees that are explained with an order's history; the others, and what only follows from
another one, get one line each."""
_WIDEST = 110
_INDENT = 2


def print_campaign(
    console: Console, result: CampaignResult, *, in_full: int | None = IN_FULL, files: Iterable[Path] = ()
) -> None:
    """Print the campaign's results. The last line is the overall result and the exit code.

    ``in_full``: how many broken guarantees are explained with an order's history, ``None``: all, also those that only
    follow from another one. ``files`` are listed at the end.
    """
    _print_head(console, result)
    print_table(console, result)
    _print_all_broken(console, broken_by_cause(result), in_full)
    _print_unjudged(console, result)
    _print_coverage(console, coverage_sentences(result))
    print_landing(console, result)
    for note in notes(result):
        console.print(Text(f"Note: {note}"))
    _print_foot(console, result, files)


def print_short(console: Console, result: CampaignResult) -> None:
    """Print a line for each broken guarantee, each gap, and each step that gives missing evidence; where the evidence
    is; and the last line.

    Where nothing was judged at all, the notes say why: no guarantee has a reason then.
    """
    for b in broken(result):
        console.print(_in_a_line(b))
    last = closing_sentence(result)
    said = gaps(result)
    for line in [f"Note: {note}" for note in notes(result)] if said == [last] else said:
        console.print(Text(line))
    for step in next_steps(result):
        console.print(Text.assemble(("next: ", "bold"), step))
    if result.out:
        console.print(Text.assemble(("evidence ", "bold"), printable(result.out)), soft_wrap=True)
    console.print(Text(last, style=STYLES[result.result]), soft_wrap=True)


def print_explanation(console: Console, explanation: Explanation) -> None:
    """Print one explanation; offending lines and labels are highlighted."""
    for kind, line in explanation.lines(min(console.width, _WIDEST)):
        text = Text(line)
        match kind:
            case "headline":
                text.stylize(STYLES[explanation.result], 0, len(explanation.result.value))
                text.stylize("bold", len(explanation.result.value))
            case "offending":
                text.stylize(STYLES[explanation.result])
            case "head":
                text.stylize("dim")
            case "label":
                text.stylize("bold", 0, explanation.label_width)
        # Lines are not wrapped here: the repeat command must stay on one line to be copied.
        console.print(text, soft_wrap=True)
    console.print()


def _print_head(console: Console, result: CampaignResult) -> None:
    console.print()
    flaw = f", flaw {result.flaw}" if result.flaw and result.flaw not in result.provider else ""
    console.print(
        Text.assemble((f"Ackord: {result.contract}", "bold"), f" under {count(len(result.profiles), 'profile')}")
    )
    facts = [
        printable(result.provider) + flaw,
        f"subject: {result.subject}",
        f"seed {result.seed}",
        *([f"budget {result.budget}"] if result.budget else []),
        f"{result.elapsed_ns / 1e9:.1f} s",
    ]
    console.print(Text("; ".join(facts), style="dim"))
    console.print()


def _print_all_broken(console: Console, groups: list[list[BrokenGuarantee]], in_full: int | None) -> None:
    """Print each cause, and under it what follows from it."""
    if in_full is None:
        for b in (b for group in groups for b in group):
            _print_broken(console, b)
        return
    for cause, *follows in groups[:in_full]:
        _print_broken(console, cause)
        _print_consequences(console, follows)
    if groups[in_full:]:
        console.print(Text("Also broken", style="bold"))
        for cause, *follows in groups[in_full:]:
            console.print(_in_a_line(cause))
            for b in follows:
                console.print(Padding(_in_a_line(b), (0, 0, 0, _INDENT)))
        console.print()


def _print_consequences(console: Console, follows: list[BrokenGuarantee]) -> None:
    if not follows:
        return
    console.print(Text(f"What follows from {follows[0].follows_from}", style="bold"))
    for b in follows:
        console.print(Padding(_in_a_line(b), (0, 0, 0, _INDENT)))
    console.print()


def _print_broken(console: Console, b: BrokenGuarantee) -> None:
    if b.finding is None:
        console.print(_in_a_line(b))
        return
    explanation = explain_finding(b.finding, b.profile.history, repeat=b.profile.repeat)
    others = [label for label in b.labels if label != b.label]
    where = f"under profile {b.label}"
    if b.verdict.violations > 1:
        where += f": {count(b.verdict.violations, 'order')} broke it, this is one of them"
    where += f"; also broken under {', '.join(others)}" if others else ""
    print_explanation(console, explanation.under(where))


def _in_a_line(b: BrokenGuarantee) -> Text:
    style = STYLES[b.verdict.result]
    summary = f": {printable(b.finding.summary)}" if b.finding is not None else ""
    where = f" under profile {', '.join(b.labels)} ({count(b.verdict.violations, 'order')} under {b.label})"
    return Text.assemble((b.verdict.result.value, style), " ", (b.guarantee, "bold"), where, summary)


def _print_unjudged(console: Console, campaign: CampaignResult) -> None:
    """Print reasons with their guarantees, and below all reasons that one step is for, that step."""
    entries = unjudged_by_step(campaign)
    for result in (Result.ERROR, Result.INCONCLUSIVE):
        mine = [entry for entry in entries if entry.result is result]
        if not mine:
            continue
        console.print(Text.assemble((result.value, STYLES[result]), f": {MEANINGS[result]}"))
        for entry in mine:
            for u in entry.groups:
                console.print(Text(f"  {u.reason or 'no reason was given'} (under profile {', '.join(u.labels)})"))
                console.print(Padding(Text(", ".join(u.guarantees), style="bold"), (0, 0, 0, 4)))
            if entry.step:
                console.print(Padding(Text.assemble(("next: ", "bold"), entry.step), (0, 0, 0, 2)))
        console.print()


def _print_coverage(console: Console, sentences: list[str]) -> None:
    if not sentences:
        return
    console.print(Text("What was not looked at", style="bold"))
    for sentence in sentences:
        console.print(Padding(Text(sentence), (0, 0, 0, 2)))
    console.print()


def _print_foot(console: Console, result: CampaignResult, files: Iterable[Path]) -> None:
    told = (
        ("seed", str(result.seed)),
        ("repeat", result.repeat),
        ("evidence", result.out),
        ("replay", _replay_command(result)),
    )
    for label, value in told:
        if value:
            console.print(Text.assemble((f"{label:<9} ", "bold"), printable(value)), soft_wrap=True)
    for path in files:
        console.print(Text.assemble(("written   ", "bold"), printable(str(path))), soft_wrap=True)
    console.print(Text(closing_sentence(result), style=STYLES[result.result]), soft_wrap=True)


def _replay_command(result: CampaignResult) -> str:
    """Return the command that plays a broken order again; empty where nobody but a merchant's program can."""
    found = any(g.findings for p in result.profiles for g in p.verdict.guarantees)
    own = result.subject == "provider" and result.target not in ("recording", "journal")
    return shlex.join(["ackord", "replay", result.out]) if found and own and result.out else ""
