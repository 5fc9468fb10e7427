"""Writes ``junit.xml``: one test case per guarantee and profile, for every CI system.

Names are unique, because GitLab drops all but one case of a name. Only ``HELD`` passes. An inconclusive result is an
error. A profile that judged nothing gets a case that fails, so that a green build means that something was proven.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from ..core.result import CampaignResult, LeftOutProfile, ProfileResult
from ..core.verdict import GuaranteeVerdict, Result
from ..guarantees.merchant.catalogue import guarantee_named
from .campaign_summary import labelled
from .explanation import Explainer
from .files import write_file
from .format import MEANINGS, count

__all__ = ["FILE_NAME", "to_xml", "write"]

FILE_NAME = "junit.xml"
_EXPLAINED = 3
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not know, not even escaped (section 2.2 of the recommendation)."""


def write(result: CampaignResult, path: Path) -> None:
    """Write ``result`` to ``path``. Raises ``FileError``."""
    root = to_xml(result)
    ET.indent(root)
    write_file(path, ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def to_xml(result: CampaignResult) -> ET.Element:
    """Return the document's root, ``testsuites``."""
    root = ET.Element("testsuites", name="ackord", time=_seconds(result.elapsed_ns))
    for label, p in labelled(result):
        root.append(_suite(result, label, p))
    for name in result.not_run:
        root.append(_not_run(result, name, "the profile was not run, because the run stopped early"))
    for absent in result.left_out:
        root.append(_left_out(result, absent))
    if result.doubts:
        root.append(_doubts(result))
    if not result.profiles and not result.not_run:
        root.append(_not_run(result, "no-profile", "no profile was run, so nothing was judged"))
    _sum_up(root, root.iter("testcase"))
    return root


def _suite(result: CampaignResult, label: str, p: ProfileResult) -> ET.Element:
    suite = _bare_suite(result, label, p.repeat)
    suite.set("time", _seconds(p.elapsed_ns))
    explainer = Explainer(p.history, repeat=p.repeat)
    for g in p.verdict.guarantees:
        suite.append(_case(result, suite.get("name", ""), g, explainer))
    told = next(suite.iter("failure"), None) is not None or next(suite.iter("error"), None) is not None
    if p.verdict.result is not Result.HELD and not told:
        reason = "; ".join(p.verdict.notes) or "no guarantee could be judged"
        suite.append(_error_case(suite.get("name", ""), "profile-judged", p.verdict.result, reason))
    _sum_up(suite, suite.iter("testcase"))
    return suite


def _bare_suite(result: CampaignResult, label: str, command: str) -> ET.Element:
    suite = ET.Element("testsuite", name=_clean(f"ackord.{result.contract}.{label}"))
    if result.started:
        suite.set("timestamp", _clean(result.started))
    _properties(
        suite,
        {
            "seed": str(result.seed),
            "command": command,
            "provider": result.provider,
            "subject": result.subject,
            "target": result.target,
            "budget": result.budget,
        },
    )
    return suite


def _not_run(result: CampaignResult, label: str, reason: str) -> ET.Element:
    suite = _bare_suite(result, label, result.repeat)
    suite.append(_error_case(suite.get("name", ""), "profile-judged", Result.INCONCLUSIVE, reason))
    _sum_up(suite, suite.iter("testcase"))
    return suite


def _left_out(result: CampaignResult, p: LeftOutProfile) -> ET.Element:
    """A profile that cannot run is skipped, with the reason and with what it would have judged."""
    suite = _bare_suite(result, p.profile, result.repeat)
    case = ET.SubElement(suite, "testcase", classname=suite.get("name", ""), name="profile-judged")
    message = f"the profile cannot run here: {p.reason}; not put to the test by it: {', '.join(p.exposes)}"
    ET.SubElement(case, "skipped", message=_clean(message))
    _sum_up(suite, suite.iter("testcase"))
    return suite


def _doubts(result: CampaignResult) -> ET.Element:
    suite = _bare_suite(result, "campaign", result.repeat)
    for number, doubt in enumerate(result.doubts, 1):
        suite.append(_error_case(suite.get("name", ""), f"doubt-{number}", Result.INCONCLUSIVE, doubt))
    _sum_up(suite, suite.iter("testcase"))
    return suite


def _case(result: CampaignResult, classname: str, g: GuaranteeVerdict, explainer: Explainer) -> ET.Element:
    case = ET.Element("testcase", classname=classname, name=_clean(g.guarantee))
    known = guarantee_named(g.guarantee)
    _properties(
        case,
        {
            "id": g.guarantee,
            "clause": known.clause if known else "",
            "result": g.result.value,
            "exposures": str(g.exposures),
            "orders": str(g.orders),
            "violations": str(g.violations),
            "seed": str(result.seed),
        },
    )
    match g.result:
        case Result.HELD:
            pass
        case Result.VIOLATED | Result.UNSAFE:
            summary = g.findings[0].summary if g.findings else MEANINGS[g.result]
            message = f"{count(g.violations, 'order')} of {g.orders:,}: {summary}"
            if g.follows_from:
                message += f"; it follows from {g.follows_from}"
            failure = ET.SubElement(case, "failure", type=g.result.value, message=_clean(message))
            failure.text = _clean("\n\n".join(explainer.explain(f).text() for f in g.findings[:_EXPLAINED]))
        case Result.NOT_APPLICABLE:
            ET.SubElement(case, "skipped", message=_clean(g.reason))
        case _:
            _error(case, g.result, g.reason)
    return case


def _error_case(classname: str, name: str, result: Result, reason: str) -> ET.Element:
    case = ET.Element("testcase", classname=classname, name=name)
    _error(case, result, reason)
    return case


def _error(case: ET.Element, result: Result, reason: str) -> None:
    error = ET.SubElement(case, "error", type=result.value, message=_clean(reason))
    error.text = _clean(f"{result.value}: {MEANINGS[result]}\n{reason}")


def _properties(parent: ET.Element, values: dict[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=_clean(value))


def _sum_up(element: ET.Element, cases: Iterable[ET.Element]) -> None:
    kinds = [next((child.tag for child in case if child.tag != "properties"), "") for case in cases]
    element.set("tests", str(len(kinds)))
    element.set("failures", str(kinds.count("failure")))
    element.set("errors", str(kinds.count("error")))
    element.set("skipped", str(kinds.count("skipped")))


def _clean(text: str) -> str:
    """``text`` with what XML forbids made visible: a backslash, ``x1b``."""
    return _FORBIDDEN.sub(lambda m: f"\\x{ord(m[0]):02x}", text)


def _seconds(ns: int) -> str:
    return f"{ns / 1e9:.3f}"
