"""Writes ``ackord-code-quality.json``, GitLab's code quality report: an issue for each broken guarantee and profile.

What could not be judged is an issue too, because an empty report reads as a pass.
"""

from __future__ import annotations

from typing import Any

from ..core.result import CampaignResult
from ..core.verdict import Result
from .campaign_summary import labelled
from .files import json_bytes
from .fingerprint import fingerprint
from .format import count, printable
from .missing_evidence import gaps_with_steps

__all__ = ["FILE_NAME", "render", "to_json"]

FILE_NAME = "ackord-code-quality.json"
_SEVERITY = {Result.VIOLATED: "critical", Result.UNSAFE: "major"}
_CAMPAIGN = "campaign-judged"


def render(result: CampaignResult) -> bytes:
    """Return the file's content."""
    return json_bytes(to_json(result))


def to_json(result: CampaignResult) -> list[dict[str, Any]]:
    """Return the issues; the fingerprint of each is the same in every run, and no other's."""
    issues = []
    for label, p in labelled(result):
        for g in p.verdict.guarantees:
            if g.result not in _SEVERITY:
                continue
            first = f": {g.findings[0].summary}" if g.findings else ""
            follows = f"; it follows from {g.follows_from}" if g.follows_from else ""
            text = (
                f"{g.result.value} {g.guarantee} under profile {label}, {count(g.violations, 'order')}{first}{follows}"
            )
            issues.append(_issue(result, g.guarantee, text, _SEVERITY[g.result], label))
    issues += [_issue(result, _CAMPAIGN, gap, "minor", str(n)) for n, gap in enumerate(gaps_with_steps(result), 1)]
    return issues


def _issue(result: CampaignResult, name: str, text: str, severity: str, which: str) -> dict[str, Any]:
    return {
        "check_name": name,
        "description": printable(text),
        "severity": severity,
        "fingerprint": fingerprint(result.contract, name, which),
        "location": {"path": result.contract_file or result.contract, "lines": {"begin": result.line_of(name)}},
    }
