"""Writes ``junit.xml``: one test case per guarantee and profile, for every CI system.

An inconclusive result is an error; ``cases.py`` says what passes. The form is that of the schema by which Jenkins'
xUnit plugin refuses files (``junit-10.xsd``): a case has no properties there, so they are lines of its output, in the
form ``[[PROPERTY|name=value]]`` that readers of JUnit files know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from ..core.result import CampaignResult
from .cases import CaseOutcome, CaseSuite, ReportCase, case_suites
from .files import write_file
from .format import printable

__all__ = ["FILE_NAME", "render", "to_xml", "write"]

FILE_NAME = "junit.xml"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not know, not even escaped (section 2.2 of the recommendation)."""


def write(result: CampaignResult, path: Path) -> None:
    """Write ``result`` to ``path``. Raises ``FileError``."""
    write_file(path, render(result))


def render(result: CampaignResult) -> bytes:
    """Return the file's content."""
    root = to_xml(result)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def to_xml(result: CampaignResult) -> ET.Element:
    """Return the document's root, ``testsuites``."""
    root = ET.Element("testsuites", name="ackord", time=_seconds(result.elapsed_ns))
    for suite in case_suites(result):
        root.append(_suite(result, suite))
    _sum_up(root, root.iter("testcase"))
    return root


def _suite(result: CampaignResult, suite: CaseSuite) -> ET.Element:
    element = ET.Element("testsuite", name=_clean(suite.name))
    if result.started:
        element.set("timestamp", _clean(result.started))
    _properties(
        element,
        {
            "seed": str(result.seed),
            "command": suite.command,
            "provider": result.provider,
            "subject": result.subject,
            "target": result.target,
            "budget": result.budget,
        },
    )
    element.set("time", _seconds(suite.elapsed_ns or 0))
    for case in suite.cases:
        element.append(_case(element.get("name", ""), case))
    _sum_up(element, element.iter("testcase"))
    return element


def _case(classname: str, case: ReportCase) -> ET.Element:
    element = ET.Element("testcase", classname=classname, name=_clean(case.name), time=_seconds(case.elapsed_ns))
    if case.outcome is not CaseOutcome.PASSED:
        told = ET.SubElement(element, case.outcome.value)
        if case.outcome is not CaseOutcome.SKIPPED:
            told.set("type", case.result.value)
        told.set("message", _clean(case.message))
        if case.text:
            told.text = _clean(case.text)
    if case.properties:
        lines = [f"[[PROPERTY|{name}={printable(value)}]]" for name, value in case.properties.items()]
        ET.SubElement(element, "system-out").text = _clean("\n".join(lines))
    return element


def _properties(parent: ET.Element, values: dict[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=_clean(value))


def _sum_up(element: ET.Element, cases: Iterable[ET.Element]) -> None:
    kinds = [next((child.tag for child in case if child.tag != "system-out"), "") for case in cases]
    element.set("tests", str(len(kinds)))
    element.set("failures", str(kinds.count("failure")))
    element.set("errors", str(kinds.count("error")))
    if element.tag == "testsuite":
        element.set("skipped", str(kinds.count("skipped")))


def _clean(text: str) -> str:
    """``text`` with what XML forbids made visible: a backslash, ``x1b``."""
    return _FORBIDDEN.sub(lambda m: f"\\x{ord(m[0]):02x}", text)


def _seconds(ns: int) -> str:
    return f"{ns / 1e9:.3f}"
