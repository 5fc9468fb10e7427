from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

from lxml import etree

from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.report.junit import FILE_NAME, render, to_xml, write

from .build import ONCE, VISIBLE, campaign, every_kind, judged, left_out, profile
from .published_schemas import published_schema


def case(result: CampaignResult, name: str) -> ET.Element:
    return next(c for c in to_xml(result).iter("testcase") if c.get("name") == name)


def verdicts_of(root: ET.Element) -> dict[str, str]:
    """``classname.name`` to the tag that tells the outcome, empty for a pass."""
    return {
        f"{c.get('classname')}.{c.get('name')}": next((child.tag for child in c if child.tag != "system-out"), "")
        for c in root.iter("testcase")
    }


def test_the_schema_of_jenkins_is_kept() -> None:
    """GitLab publishes none; it takes what this one allows, and drops all but one case of a name."""
    schema = etree.XMLSchema(etree.parse(published_schema("junit-10.xsd")))
    for one in every_kind():
        schema.assertValid(etree.fromstring(render(one)))
    assert not schema.validate(etree.fromstring(render(campaign()).replace(b"<testcase ", b"<testcase skipped='1' ")))


def test_every_guarantee_under_every_profile_is_one_case_of_its_own() -> None:
    guarantees = [judged(VISIBLE), judged(ONCE)]
    result = campaign(*[profile(name, *guarantees) for name in ("latency", "replica-lag", "replica-lag")])
    names = [(c.get("classname"), c.get("name")) for c in to_xml(result).iter("testcase")]
    assert len(names) == len(set(names)) == 6
    assert ("ackord.reference.replica-lag", VISIBLE) in names
    assert ("ackord.reference.replica-lag-2", VISIBLE) in names


def test_only_held_passes() -> None:
    result = campaign(profile("a", *[judged(f"g-{r.value}", r, "why") for r in Result]))
    assert verdicts_of(to_xml(result)) == {
        "ackord.reference.a.g-HELD": "",
        "ackord.reference.a.g-NOT_APPLICABLE": "skipped",
        "ackord.reference.a.g-VIOLATED": "failure",
        "ackord.reference.a.g-UNSAFE": "failure",
        "ackord.reference.a.g-INCONCLUSIVE": "error",
        "ackord.reference.a.g-ERROR": "error",
    }


def test_a_profile_that_proved_nothing_has_a_case_that_fails() -> None:
    skipped = judged(ONCE, Result.NOT_APPLICABLE, "the profile does not expose it")
    for result in (
        campaign(profile("a", skipped)),
        campaign(profile("a", judged(), complete=False, notes=("the journal was cut off",))),
        campaign(profile("b", judged()), not_run=("a",)),
        campaign(),
    ):
        root = to_xml(result)
        assert [name for name, tag in verdicts_of(root).items() if name.endswith(".profile-judged") and tag == "error"]
        assert root.get("errors") == "1"
    assert "profile-judged" not in str(verdicts_of(to_xml(campaign(profile("a", judged(), skipped)))))


def test_a_profile_that_cannot_run_is_skipped_with_the_reason() -> None:
    root = to_xml(campaign(profile("a", judged()), left_out=(left_out(),)))
    skipped = case_of(root, "ackord.reference.replica-lag").find("skipped")
    assert skipped is not None
    message = f"the profile cannot run here: no seam for replication; not put to the test by it: {VISIBLE}"
    assert skipped.get("message") == message
    assert root.get("errors") == "0"
    assert [suite.get("skipped") for suite in root] == ["0", "1"]


def test_what_is_required_and_absent_fails() -> None:
    root = to_xml(campaign(profile("a", judged()), left_out=(left_out(),), required=("replica-lag",)))
    error = case_of(root, "ackord.reference.campaign").find("error")
    assert error is not None
    assert error.get("message") == "replica-lag is required, and cannot run here: no seam for replication"
    fine = to_xml(campaign(profile("a", judged()), required=("a", VISIBLE)))
    assert fine.get("errors") == "0"


def case_of(root: ET.Element, classname: str) -> ET.Element:
    return next(c for c in root.iter("testcase") if c.get("classname") == classname)


def test_a_case_carries_what_is_needed_to_judge_and_repeat_it() -> None:
    result = campaign(profile("a", judged(result=Result.VIOLATED)))
    broken = case(result, VISIBLE)
    output = broken.findtext("system-out") or ""
    values = dict(re.findall(r"^\[\[PROPERTY\|(\w+)=(.*)\]\]$", output, re.MULTILINE))
    assert values["id"] == VISIBLE
    assert "MUST NOT" in (values["clause"] or "")
    assert values["profile"] == "a"
    assert (values["exposures"], values["violations"], values["seed"], values["result"]) == ("40", "3", "7", "VIOLATED")
    failure = broken.find("failure")
    assert failure is not None and failure.text is not None
    assert failure.get("message") == "3 orders of 20: it went wrong"
    assert "repeat with" in failure.text
    suite = to_xml(result).find("testsuite")
    assert suite is not None
    assert {p.get("name") for p in suite.findall("properties/property")} >= {"seed", "command"}


def test_a_failure_that_follows_names_its_cause() -> None:
    follows = replace(judged(VISIBLE, Result.VIOLATED), follows_from=ONCE)
    failure = case(campaign(profile("a", follows, judged(ONCE, Result.VIOLATED))), VISIBLE).find("failure")
    assert failure is not None
    assert str(failure.get("message")).endswith(f"; it follows from {ONCE}")


def test_the_counts_add_up() -> None:
    root = to_xml(
        campaign(*[profile(n, *[judged(f"g-{r.value}", r, "why") for r in Result]) for n in "ab"], not_run=("c",))
    )
    assert {k: root.get(k) for k in ("tests", "failures", "errors")} == {"tests": "13", "failures": "4", "errors": "5"}
    assert [(s.get("tests"), s.get("skipped")) for s in root.iter("testsuite")] == [("6", "1"), ("6", "1"), ("1", "0")]


def test_characters_that_xml_forbids_are_made_visible(tmp_path: Path) -> None:
    evil = "\x00\x08\x0b\x1b[31m \ufffe \ud800 ]]> <&> \U0001f4b8"
    result = campaign(
        profile("a", judged(result=Result.VIOLATED, summary=evil), judged(ONCE, Result.INCONCLUSIVE, evil)),
        provider=evil,
    )
    write(result, tmp_path / FILE_NAME)
    root = ET.parse(tmp_path / FILE_NAME).getroot()
    error = root.find(".//error")
    assert error is not None
    assert error.get("message") == "\\x00\\x08\\x0b\\x1b[31m \\xfffe \\xd800 ]]> <&> \U0001f4b8"


def test_the_times_of_a_profile_s_cases_add_up_to_its_own() -> None:
    root = to_xml(campaign(profile("a", judged(VISIBLE), judged(ONCE)), not_run=("c",)))
    suite, absent = root.findall("testsuite")
    assert suite.get("time") == "0.250"
    assert [case.get("time") for case in suite.iter("testcase")] == ["0.125", "0.125"]
    assert [absent.get("time"), *(case.get("time") for case in absent.iter("testcase"))] == ["0.000", "0.000"]
