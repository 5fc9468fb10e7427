"""Says first what was found: the verdict in a sentence with its cost, the guarantees by profiles, and what was not
judged.
"""

from __future__ import annotations

from ...core.result import CampaignResult
from ...core.verdict import GuaranteeVerdict, Result
from ...guarantees.merchant.catalogue import guarantee_named
from ..campaign_summary import (
    broken,
    broken_by_cause,
    closing_sentence,
    gaps,
    labelled,
    notes,
    rows,
)
from ..coverage_text import UNTESTED, coverage_sentences, unproven
from ..format import MEANINGS, count, printable, short_count
from ..missing_evidence import UnjudgedStep, unjudged_by_step
from .markup import code, listing, safe, scrolled
from .money_cost import cost_sentence

__all__ = ["matrix_section", "not_judged_section", "verdict_header", "verdict_sentence"]

_BROKEN = (Result.VIOLATED, Result.UNSAFE)
_SIGNS = {
    Result.HELD: "✓",
    Result.VIOLATED: "✗",
    Result.UNSAFE: "!",
    Result.INCONCLUSIVE: "?",
    Result.ERROR: "⚠",
    Result.NOT_APPLICABLE: "·",
}
_EARLY = "The run ended early: "
_IN_WORDS = 5
"""Up to so many profiles a cell has its result in words."""


def verdict_sentence(result: CampaignResult) -> str:
    """Return what was wrong and what it costs, in one sentence without the result's name."""
    groups = broken_by_cause(result)
    if result.result not in _BROKEN or not groups:
        return closing_sentence(result).partition(": ")[2].partition(" Exit code ")[0]
    first = groups[0][0]
    known = guarantee_named(first.guarantee)
    title = printable(known.title if known else first.guarantee)
    allowed = first.verdict.result is Result.UNSAFE
    verb = "is, as the contract allows, not kept for" if allowed else "was broken by"
    said = f"“{title}” {verb} {count(first.verdict.violations, 'order')}"
    said += f" under {printable(first.label)}" if len(result.profiles) > 1 else ""
    more = len(broken(result)) - 1
    said += f", and {count(more, 'more guarantee')} with it" if more else ""
    cost = cost_sentence(result)
    said += f"; {cost}." if cost else "."
    return f"the run ended early ({printable(result.ended_by)}), and until then {said}" if result.ended_by else said


def verdict_header(result: CampaignResult) -> str:
    """Return the head of the page: the verdict and what it is about."""
    worst = result.result
    facts = [
        ("Provider", safe(result.provider)),
        ("Contract", safe(result.contract_file or result.contract)),
        ("Judged", _SUBJECTS.get(result.subject, safe(result.subject))),
        ("Profiles", _profiles(result)),
        ("Seed", code(result.seed)),
        ("Started", safe(result.started)),
    ]
    rows_ = "".join(f"<div><dt>{name}</dt><dd>{said}</dd></div>" for name, said in facts if said)
    return (
        f'<p class="brand">Ackord report <span class="soft">{safe(result.contract)}</span></p>'
        f'<h1><span class="badge {worst.value.lower()}">{worst.value}</span> '
        f"{safe(_begun(verdict_sentence(result)), 900)}</h1>"
        f'<p class="soft">{safe(closing_sentence(result), 600)} {worst.value} means: {MEANINGS[worst]}.</p>'
        f'<dl class="facts">{rows_}</dl>'
        f"<p>Repeat with {code(result.repeat)}</p>"
    )


_SUBJECTS = {
    "provider": "the provider, by what it said itself",
    "integration": "the merchant's code, not the provider",
    "sandbox": "a provider from outside, by what the merchant got",
}


def _profiles(result: CampaignResult) -> str:
    said = f"{len(result.profiles)} judged"
    said += f", {len(result.not_run)} not run" if result.not_run else ""
    return said + (f", {len(result.left_out)} cannot run here" if result.left_out else "")


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


# -- matrix ------------------------------------------------------------------------------------------------------------


def matrix_section(result: CampaignResult) -> str:
    """Return guarantees by profiles, with exposures; empty if nothing was judged."""
    labels, table = [label for label, _ in labelled(result)], rows(result)
    if not table:
        return ""
    wide = len(labels) > _IN_WORDS
    head = "".join(f'<th scope="col"><span>{safe(label, 60)}</span></th>' for label in labels)
    body = []
    for guarantee, cells in table.items():
        known = guarantee_named(guarantee)
        title = safe(known.title if known else guarantee)
        row = "".join(_cell(cells.get(label), wide=wide) for label in labels)
        body.append(f'<tr><th scope="row">{title}<br><small>{safe(guarantee, 80)}</small></th>{row}</tr>')
    inner = (
        f'<table class="matrix{" wide" if wide else ""}"><caption class="hidden">Results by guarantee and profile'
        f'</caption><thead><tr><th scope="col">Guarantee</th>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'
    )
    return (
        '<section id="matrix"><h2>Guarantees by profiles</h2>'
        '<p class="soft">A number is that of exposures: occasions on which the guarantee could have been broken. '
        "<em>n of m</em>: so many orders broke it, on so many exposures.</p>"
        f"{scrolled('Guarantees by profiles', inner)}{_legend(table)}</section>"
    )


def _cell(g: GuaranteeVerdict | None, *, wide: bool) -> str:
    result = g.result if g is not None else Result.NOT_APPLICABLE
    exposures = short_count(g.exposures) if g is not None else ""
    number = ""
    if g is not None and result in _BROKEN:
        number = f"{short_count(g.violations)} of {exposures}"
    elif result in (Result.HELD, Result.INCONCLUSIVE):
        number = exposures
    name = "n/a" if result is Result.NOT_APPLICABLE else result.value
    word = f'<span class="{"hidden" if wide or result is Result.NOT_APPLICABLE else "word"}">{name}</span>'
    reason = f' title="{safe(g.reason, 200)}"' if g is not None and g.reason else ""
    sign = f'<span aria-hidden="true">{_SIGNS[result]}</span>'
    return f'<td class="{result.value.lower()}"{reason}>{sign} {word} <span class="number">{number}</span></td>'


def _legend(table: dict[str, dict[str, GuaranteeVerdict]]) -> str:
    seen = {g.result for cells in table.values() for g in cells.values()}
    items = [
        f'<span class="{r.value.lower()}" aria-hidden="true">{_SIGNS[r]}</span> {r.value}: {MEANINGS[r]}'
        for r in Result
        if r in seen
    ]
    return listing(items, "legend")


# -- what was not judged -----------------------------------------------------------------------------------------------


def not_judged_section(result: CampaignResult) -> str:
    """Return what was not judged and why, and remarks; it says so if there is nothing."""
    missing = "".join(map(_unjudged, unjudged_by_step(result)))
    unseen = coverage_sentences(result)
    untested = [u.guarantee for u in unproven(result) if u.reason == UNTESTED and not u.left_out]
    if untested:
        unseen.append(f"Put to the test by none of these profiles: {', '.join(untested)}.")
    if not missing and not unseen:
        unseen = [gap for gap in gaps(result) if gap != closing_sentence(result)]
    if result.failure:
        unseen = [said for said in unseen if not said.startswith(_EARLY)]
        unseen.insert(0, f"{_EARLY}{' '.join(result.failure.split())}")
    parts = missing + listing(safe(text, 600) for text in unseen)
    if not parts:
        parts = "<p>Everything that the profiles expose was judged.</p>"
    remarks = listing(safe(note, 600) for note in notes(result))
    said = f"<h3>Remarks</h3>{remarks}" if remarks else ""
    return f'<section id="not-judged"><h2>What was not judged, and why</h2>{parts}{said}</section>'


def _unjudged(entry: UnjudgedStep) -> str:
    """Return a list of reasons with their guarantees, and below it the step that is for all of them."""
    listed = listing(
        f'<strong class="badge {u.result.value.lower()}">{u.result.value}</strong> '
        f"{', '.join(code(g, 80) for g in u.guarantees)} under {', '.join(safe(label, 60) for label in u.labels)}: "
        f"{safe(u.reason or 'no reason was given', 400)}"
        for u in entry.groups
    )
    return listed + (f"<p><strong>Next:</strong> {safe(entry.step, 400)}</p>" if entry.step else "")
