from __future__ import annotations

import json

import jsonschema

from ackord.core.verdict import Result
from ackord.report.ctrf import render, to_json

from .build import ONCE, VISIBLE, campaign, every_kind, judged, profile
from .published_schemas import published_schema


def test_a_campaign_of_every_kind_has_the_published_form() -> None:
    schema = json.loads(published_schema("ctrf-schema-0.0.json").read_text())
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    for one in every_kind():
        data = json.loads(render(one))
        validator.validate(data)
        data["results"]["tests"].append({"name": "x", "state": "passed"})
        assert not validator.is_valid(data), "a form that is not kept is refused"


def test_only_held_passes_and_the_raw_status_tells_why() -> None:
    data = to_json(campaign(profile("a", *[judged(f"g-{r.value}", r, "why") for r in Result]), not_run=("b",)))
    statuses = [(test["rawStatus"], test["status"]) for test in data["results"]["tests"]]
    assert statuses == [
        ("NOT_APPLICABLE", "skipped"), ("HELD", "passed"), ("INCONCLUSIVE", "failed"), ("ERROR", "failed"),
        ("UNSAFE", "failed"), ("VIOLATED", "failed"), ("INCONCLUSIVE", "failed"),
    ]  # fmt: skip
    summary = data["results"]["summary"]
    assert (summary["tests"], summary["passed"], summary["failed"], summary["skipped"]) == (7, 1, 5, 1)


def test_instants_and_places_are_those_of_the_run() -> None:
    result = campaign(profile("a", judged(VISIBLE), judged(ONCE)), contract_file="mine.yaml", contract_lines={ONCE: 9})
    results = to_json(result)["results"]
    assert (results["summary"]["start"], results["summary"]["stop"]) == (1767323045000, 1767323045500)
    assert [(t["duration"], t["filePath"], t["line"]) for t in results["tests"]] == [
        (125, "mine.yaml", 1), (125, "mine.yaml", 9),
    ]  # fmt: skip
    assert to_json(campaign(started=""))["results"]["summary"]["start"] == 0
