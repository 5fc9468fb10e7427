"""Writes ``ackord.sarif`` (SARIF 2.1.0): a rule for each guarantee, a result for each finding, at the contract's line.

What could not be judged is a result too, of the rule ``campaign-judged``: a code scanner that gets no results closes
the alerts of the run before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..core.result import CampaignResult, ProfileResult
from ..core.verdict import Finding, Result
from ..guarantees.merchant.catalogue import guarantee_named
from .campaign_summary import labelled, rows
from .files import json_bytes
from .fingerprint import fingerprint
from .format import printable
from .missing_evidence import gaps_with_steps

__all__ = ["CAMPAIGN_RULE", "FILE_NAME", "render", "to_json"]

FILE_NAME = "ackord.sarif"
CAMPAIGN_RULE = "campaign-judged"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {Result.VIOLATED: "error", Result.UNSAFE: "warning"}

Json = dict[str, Any]


def render(result: CampaignResult) -> bytes:
    """Return the file's content."""
    return json_bytes(to_json(result))


def to_json(result: CampaignResult) -> Json:
    """Return the log, with one run."""
    rules = [_rule(name) for name in rows(result)]
    rules.append(
        {
            "id": CAMPAIGN_RULE,
            "shortDescription": {"text": "Everything that was asked for was judged"},
            "fullDescription": {"text": "What nobody judged is no pass."},
            "defaultConfiguration": {"level": "warning"},
        }
    )
    index = {rule["id"]: i for i, rule in enumerate(rules)}
    results = [*_findings(result), *_gaps(result)]
    for found in results:
        found["ruleIndex"] = index[found["ruleId"]]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Ackord", "version": __version__, "rules": rules}},
                "automationDetails": {"id": f"ackord/{result.contract}/"},
                "invocations": [_invocation(result)],
                "columnKind": "unicodeCodePoints",
                "results": results,
                "properties": {"provider": result.provider, "seed": result.seed, "result": result.result.value},
            }
        ],
    }


def _rule(name: str) -> Json:
    known = guarantee_named(name)
    rule: Json = {"id": name, "shortDescription": {"text": known.title if known else name}}
    if known:
        rule |= {"fullDescription": {"text": known.clause}, "help": {"text": f"{known.clause}\n\n{known.why}"}}
    return rule | {"defaultConfiguration": {"level": "error"}}


def _findings(result: CampaignResult) -> Iterator[Json]:
    for label, p in labelled(result):
        for g in p.verdict.guarantees:
            for number, found in enumerate(g.findings, 1):
                yield _result(result, label, p, found, number)


def _result(result: CampaignResult, label: str, p: ProfileResult, found: Finding, number: int) -> Json:
    """``number``: the finding's among those of its guarantee and profile. Orders have other numbers in each run, so the
    fingerprint has none.
    """
    follows = f" It follows from {found.follows_from}." if found.follows_from else ""
    text = (
        f"{found.result.value} under profile {label}: order {found.order} of account {found.account}: "
        f"{found.summary}.{follows} Repeat with: {p.repeat}"
    )
    return {
        "ruleId": found.guarantee,
        "level": _LEVEL[found.result],
        "message": {"text": printable(text)},
        **_locations(result, found.guarantee),
        "partialFingerprints": {
            "ackordFinding/v1": fingerprint(result.contract, found.guarantee, label, str(number)),
        },
        "properties": {
            "profile": label,
            "order": found.order,
            "account": found.account,
            "result": found.result.value,
            "seed": result.seed,
        },
    }


def _gaps(result: CampaignResult) -> Iterator[Json]:
    for number, gap in enumerate(gaps_with_steps(result), 1):
        yield {
            "ruleId": CAMPAIGN_RULE,
            "level": "warning",
            "message": {"text": gap},
            **_locations(result, CAMPAIGN_RULE),
            "partialFingerprints": {"ackordFinding/v1": fingerprint(result.contract, CAMPAIGN_RULE, str(number))},
        }


def _locations(result: CampaignResult, guarantee: str) -> Json:
    if not result.contract_file:
        return {}
    region = {"startLine": result.line_of(guarantee)}
    return {
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(result.contract_file)}, "region": region}}]
    }


def _uri(file: str) -> str:
    return f"{'file://' if file.startswith('/') else ''}{quote(file)}"


def _invocation(result: CampaignResult) -> Json:
    ended = result.ended_by
    invocation: Json = {
        "commandLine": result.repeat,
        "executionSuccessful": not ended,
        "exitCode": result.exit_code,
    }
    if result.started:
        invocation["startTimeUtc"] = result.started
    if ended:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": f"the run ended early: {ended}"}}
        ]
    return invocation
