from __future__ import annotations

import json

import jsonschema

from ackord.core.verdict import Result
from ackord.report.ctrf import render, to_json

from .build import ONCE, VISIBLE, campaign, judged, left_out, profile

_TEXTS = ("testId", "name", "message", "trace", "rawStatus", "filePath")
FORM = {
    "type": "object",
    "required": ["results", "reportFormat", "specVersion"],
    "additionalProperties": False,
    "properties": {
        "reportFormat": {"const": "CTRF"},
        "specVersion": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
        "generatedBy": {"type": "string"},
        "results": {
            "type": "object",
            "required": ["tool", "summary", "tests"],
            "additionalProperties": False,
            "properties": {
                "tool": {"type": "object", "required": ["name"], "propertyNames": {"enum": ["name", "version"]}},
                "summary": {
                    "type": "object",
                    "required": ["tests", "passed", "failed", "skipped", "pending", "other", "start", "stop"],
                    "propertyNames": {
                        "pattern": "^(tests|passed|failed|skipped|pending|other|start|stop|suites|duration)$"
                    },
                    "additionalProperties": {"type": "integer"},
                },
                "tests": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name", "status", "duration"],
                        "additionalProperties": False,
                        "properties": {
                            **{name: {"type": "string", "minLength": 1} for name in _TEXTS},
                            "status": {"enum": ["passed", "failed", "skipped", "pending", "other"]},
                            "duration": {"type": "integer"},
                            "line": {"type": "integer"},
                            "suite": {"type": "array", "minItems": 1, "items": {"type": "string"}},
                            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                        },
                    },
                },
                "environment": {
                    "type": "object",
                    "propertyNames": {"enum": ["appName", "testEnvironment", "extra"]},
                },
            },
        },
    },
}
"""What the specification asks of the parts that are written, and nothing else is written."""


def test_a_campaign_of_every_kind_has_the_form() -> None:
    result = campaign(
        profile("a", *[judged(f"g-{r.value}", r, "why") for r in Result]),
        not_run=("b",),
        left_out=(left_out("c"),),
        contract_file="mine.yaml",
        contract_lines={VISIBLE: 3},
    )
    for one in (result, campaign()):
        jsonschema.validate(json.loads(render(one)), FORM)


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
