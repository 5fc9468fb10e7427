"""Writes a comparison of two campaigns as text, Markdown or JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from ..core.clock import MS
from ..core.landing import LandingWindow
from ..core.verdict import Result
from .campaign_summary import closing_sentence
from .comparison import CellChange, Comparison, Direction, LandingChange
from .files import json_bytes
from .format import count, in_ms, printable
from .markdown import escaped
from .profile_cells import ProfileCell

__all__ = ["comparison_json", "comparison_markdown", "comparison_sentence", "comparison_text"]

_SHOWN = (Direction.WORSE, Direction.UNKNOWN, Direction.BETTER, Direction.FIRST)
_COLUMNS = ("missed", "p50", "p99", "bound", "latest", "buffer")


def comparison_sentence(c: Comparison) -> str:
    """Return in one line what changed."""
    parts = [count(len(c.of(direction)), "cell") + f" {direction}" for direction in _SHOWN if c.of(direction)]
    same = len(c.of(Direction.SAME))
    found = [
        count(len(changes), "finding") + f" {word}"
        for changes, word in ((c.new_findings, "new"), (c.gone_findings, "gone"))
        if changes
    ]
    said = "; ".join([", ".join(parts) or "nothing changed", *found])
    return f"{said}; {same:,} as before (a cell is a guarantee under a profile)."


def comparison_text(c: Comparison) -> str:
    """Return the comparison for a terminal."""
    lines = [
        f"Ackord: {printable(c.new.contract)}, two runs compared",
        f"old  {printable(c.old.out)}: seed {c.old.seed}: {closing_sentence(c.old)}",
        f"new  {printable(c.new.out)}: seed {c.new.seed}: {closing_sentence(c.new)}",
        *(f"beware: {printable(caveat)}" for caveat in c.caveats),
    ]
    for direction in _SHOWN:
        changes = c.of(direction)
        if changes:
            lines += ["", direction.capitalize()]
            lines += [f"  {line}" for line in _change_lines(c, changes)]
    for title, changes in (("New findings", c.new_findings), ("Findings that are gone", c.gone_findings)):
        if changes:
            lines += ["", title]
            for x in changes:
                lines += [f"  {x.fingerprint[:12]}  {x.guarantee} under {printable(x.profile)}{_summary(x)}"]
    lines += [*_landing_lines(c), "", comparison_sentence(c)]
    return "\n".join(lines) + "\n"


def _landing_lines(c: Comparison) -> Iterator[str]:
    shown = _landings(c)
    if not shown:
        return
    yield ""
    yield "Landing window in milliseconds, old -> new"
    for x in shown:
        yield f"  {printable(x.profile)}: " + ", ".join(f"{name} {_pair(x, name)}" for name in _COLUMNS)


def comparison_markdown(c: Comparison) -> str:
    """Return the comparison as Markdown, for a job's summary or a comment."""
    lines = [
        f"## Ackord: {escaped(c.new.contract)}, compared",
        "",
        f"**{escaped(comparison_sentence(c))}**",
        "",
        f"- old: seed {c.old.seed}: {escaped(closing_sentence(c.old))}",
        f"- new: seed {c.new.seed}: {escaped(closing_sentence(c.new))}",
        *(f"- beware: {escaped(caveat)}" for caveat in c.caveats),
    ]
    missing = _profiles_of_one_side(c)
    lines += [f"- {escaped(said)}" for said in missing.values()]
    changes = [x for direction in _SHOWN for x in c.of(direction) if _listed(x, missing)]
    if changes:
        lines += ["", "| | guarantee | profile | old | new |", "|---|---|---|---|---|"]
        lines += [
            f"| {x.direction} | `{x.guarantee}` | {escaped(x.profile)} | {_cell(x.before)} | {_cell(x.after)} |"
            for x in changes
        ]
    for title, found in (("New findings", c.new_findings), ("Findings that are gone", c.gone_findings)):
        if found:
            lines += ["", f"### {title}", ""]
            lines += [
                f"- `{x.fingerprint[:12]}` `{x.guarantee}` under {escaped(x.profile)}{escaped(_summary(x))}"
                for x in found
            ]
    shown = _landings(c)
    if shown:
        head = " | ".join(["| profile", *_COLUMNS, ""]).strip()
        lines += ["", "### Landing window in milliseconds, old → new", "", head, "|---" * (len(_COLUMNS) + 1) + "|"]
        lines += [
            " | ".join(["", escaped(x.profile), *(_pair(x, name).replace("->", "→") for name in _COLUMNS), ""]).strip()
            for x in shown
        ]
    return "\n".join(lines) + "\n"


def comparison_json(c: Comparison) -> bytes:
    """Return the comparison as JSON. Quantities have their unit in their names, as in ``result.json``."""
    return json_bytes(
        {
            "ackord": "comparison",
            "version": 1,
            "contract": c.new.contract,
            "summary": comparison_sentence(c),
            "caveats": c.caveats,
            **{
                name: {"folder": r.out, "seed": r.seed, "result": r.result.value, "exit_code": r.exit_code}
                for name, r in (("old", c.old), ("new", c.new))
            },
            "cells": [
                {
                    "guarantee": x.guarantee,
                    "profile": x.profile,
                    "direction": x.direction.value,
                    "fingerprint": x.fingerprint,
                    "old": _cell_json(x.before),
                    "new": _cell_json(x.after),
                }
                for x in c.cells
            ],
            "new_findings": [x.fingerprint for x in c.new_findings],
            "gone_findings": [x.fingerprint for x in c.gone_findings],
            "landing": [
                {"profile": x.profile, "old": _window_json(x.before), "new": _window_json(x.after)} for x in c.landings
            ],
        }
    )


def _change_lines(c: Comparison, changes: Sequence[CellChange]) -> Iterator[str]:
    """Give a line for each change; a profile of one side alone gets one for all but its findings."""
    missing = {} if changes[0].direction is Direction.WORSE else _profiles_of_one_side(c)
    for name in dict.fromkeys(x.profile for x in changes if x.profile in missing):
        yield f"{missing[name]}: {count(sum(x.profile == name for x in changes), 'guarantee')}"
    for x in changes:
        if x.profile not in missing:
            yield f"{x.guarantee} under {printable(x.profile)}: {_cell(x.before)} -> {_cell(x.after)}"


def _listed(x: CellChange, missing: Collection[str]) -> bool:
    """Whether a change has a row of its own, although its profile may be one of the ``missing`` on one side."""
    return x.direction is Direction.WORSE or x.profile not in missing


def _profiles_of_one_side(c: Comparison) -> dict[str, str]:
    """Map profiles that only one of the campaigns ran to a sentence that says so."""
    old, new = ([p.profile for p in r.profiles] for r in (c.old, c.new))
    said = {name: f"the profile {printable(name)} is not in the new run" for name in old if name not in new}
    return said | {name: f"the profile {printable(name)} is not in the old run" for name in new if name not in old}


def _cell(cell: ProfileCell | None) -> str:
    if cell is None or cell.result is Result.NOT_APPLICABLE:
        return "not judged"
    g = cell.worst
    match cell.result:
        case Result.HELD:
            said = count(cell.exposures, "exposure")
        case Result.VIOLATED | Result.UNSAFE:
            said = f"{count(g.violations, 'order')} of {g.orders:,}"
        case _:
            return f"{cell.result}"
    return f"{cell.result} ({said}{f'; {cell.share}' if cell.broken_runs and cell.share else ''})"


def _summary(x: CellChange) -> str:
    cell = x.after if x.after is not None and x.after.broken_runs else x.before
    found = cell.worst.findings if cell is not None else ()
    return f": {printable(found[0].summary)}" if found else ""


def _landings(c: Comparison) -> list[LandingChange]:
    """Return those in which an order was missed on one side at least; the others have nothing to show."""
    return [x for x in c.landings if any(w is not None and w.seen_missing for w in (x.before, x.after))]


def _pair(x: LandingChange, name: str) -> str:
    return f"{_figure(x.before, name)} -> {_figure(x.after, name)}"


def _figure(w: LandingWindow | None, name: str) -> str:
    if w is None:
        return "-"
    if name == "missed":
        return f"{w.seen_missing:,} of {w.orders:,}"
    if name == "buffer":
        return "none" if w.recommended_buffer_ms is None else f"{w.recommended_buffer_ms:,}"
    ns = {"p50": w.p50_ns, "p99": w.p99_ns, "bound": w.p99_upper_ns, "latest": w.max_ns}[name]
    return "-" if ns is None else in_ms(ns)


def _cell_json(cell: ProfileCell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {
        "result": cell.result.value,
        "exposures_count": cell.exposures,
        "violations_count": cell.worst.violations,
        "orders_count": cell.worst.orders,
        "runs_count": len(cell.verdicts),
        "broken_runs_count": cell.broken_runs,
    }


def _window_json(w: LandingWindow | None) -> dict[str, Any] | None:
    if w is None:
        return None
    times = {"p50_ms": w.p50_ns, "p90_ms": w.p90_ns, "p99_ms": w.p99_ns, "p99_upper_ms": w.p99_upper_ns}
    return {
        "orders_count": w.orders,
        "seen_missing_count": w.seen_missing,
        **{name: None if ns is None else round(ns / MS, 6) for name, ns in (times | {"max_ms": w.max_ns}).items()},
        "recommended_buffer_ms": w.recommended_buffer_ms,
    }
