"""Writes what a gate says as text, Markdown or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..report.files import json_bytes
from ..report.format import count, printable
from ..report.markdown import escaped
from .verdict import GateItem, GateVerdict, ItemKind

__all__ = ["gate_json", "gate_markdown", "gate_sentence", "gate_text"]


def gate_sentence(v: GateVerdict) -> str:
    """Return the last line: whether the gate is passed, and the exit code."""
    known = sum(item.kind is ItemKind.WAIVED for item in v.items)
    waived = f"; {count(known, ItemKind.WAIVED)}" if known else ""
    if v.passed:
        return f"GATE PASSED: {count(len(v.profiles), 'profile run')} judged{waived}. Exit code 0."
    kinds: dict[ItemKind, int] = {}
    for item in v.failures:
        kinds[item.kind] = kinds.get(item.kind, 0) + 1
    why = ", ".join(count(n, kind) for kind, n in kinds.items())
    return f"GATE FAILED: {why}{waived}. Exit code {v.exit_code}."


def gate_text(v: GateVerdict) -> str:
    """Return the verdict for a terminal or a log."""
    version = f" {printable(v.provider_version)}" if v.provider_version else ""
    policy = printable(v.policy) or "no policy: everything must hold"
    lines = [f"Ackord gate: {printable(v.contract)}{version}, by {policy}, on {v.on}"]
    for item in v.failures:
        lines += ["", f"FAILS  {item.kind}: {printable(item.text)}"]
        lines += [f"       {name}: {printable(said)}" for name, said in _details(item)]
    if v.remarks:
        lines.append("")
        lines += [f"notes  {item.kind}: {printable(item.text)}{_at(item)}" for item in v.remarks]
    return "\n".join([*lines, "", gate_sentence(v)]) + "\n"


def gate_markdown(v: GateVerdict) -> str:
    """Return the verdict as Markdown, for a job's summary or a comment."""
    version = f" {escaped(v.provider_version)}" if v.provider_version else ""
    lines = [f"## Ackord gate: {escaped(v.contract)}{version}", "", f"**{escaped(gate_sentence(v))}**"]
    if v.failures:
        lines += ["", *map(_listed, v.failures)]
    if v.remarks:
        title = count(len(v.remarks), "note")
        lines += ["", f"<details><summary>{title}</summary>", "", *map(_listed, v.remarks), "", "</details>"]
    return "\n".join(lines) + "\n"


def gate_json(v: GateVerdict) -> bytes:
    """Return the verdict as JSON."""
    return json_bytes(
        {
            "ackord": "gate",
            "version": 1,
            "contract": v.contract,
            "provider_version": v.provider_version,
            "policy": v.policy,
            "on": v.on,
            "passed": v.passed,
            "exit_code": v.exit_code,
            "summary": gate_sentence(v),
            "profiles": list(v.profiles),
            "failures": list(map(_item_json, v.failures)),
            "remarks": list(map(_item_json, v.remarks)),
        }
    )


def _details(item: GateItem) -> Iterable[tuple[str, str]]:
    named = (("finding", item.fingerprint), ("place", item.place), ("mend", item.mend))
    return [(name, said) for name, said in named if said]


def _at(item: GateItem) -> str:
    return f" [{printable(item.place)}]" if item.place else ""


def _listed(item: GateItem) -> str:
    mend = f" _{escaped(item.mend)}_" if item.mend else ""
    place = f" ({escaped(item.place)})" if item.place else ""
    return f"- **{item.kind}**: {escaped(item.text)}{place}{mend}"


def _item_json(item: GateItem) -> dict[str, Any]:
    return {**item._asdict(), "kind": item.kind.value}
