"""What is generated from the models is current, and right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from ackord.contract.docs import generated_files, reference_docs
from ackord.contract.docs.field_reference import table, type_text
from ackord.contract.docs.json_schema import json_schema
from ackord.contract.loading.loader import PlaceholderEnv, shipped
from ackord.contract.loading.yaml_document import parse_yaml

from ..support import SMALL


def test_the_field_reference_and_the_schema_are_current() -> None:
    stale = [path.name for path in generated_files.stale_files(reference_docs.files())]
    assert stale == [], "run python -m ackord.contract.docs.reference_docs"


def test_stale_files_are_told_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {tmp_path / "a.md": "new"}
    assert generated_files.main(files, ["--check"]) == 1
    assert "a.md is stale" in capsys.readouterr().err
    assert generated_files.main(files, []) == 0
    assert generated_files.main(files, ["--check"]) == 0
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("path", sorted(shipped("contracts").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_contracts_fit_the_schema(path: Path) -> None:
    data = parse_yaml(path, path.read_bytes(), env=PlaceholderEnv()).data
    Draft202012Validator(json_schema()).validate(data)


@pytest.mark.parametrize(
    "change",
    [{"environment": "test"}, {"unknown": 1}, {"limits": {"timeout": 2}}, {"ignored_fields": ["x"]}, {"accounts": {}}],
)
def test_the_schema_refuses_what_the_loader_refuses(change: dict[str, Any]) -> None:
    validator = Draft202012Validator(json_schema())
    data = yaml.safe_load(SMALL)
    assert validator.is_valid(data)
    assert not validator.is_valid({**data, **change})


def test_every_field_stands_in_the_reference() -> None:
    text = (shipped("contracts") / "README.md").read_text(encoding="utf-8")
    schema = json_schema()
    fields = {name for part in (schema, *schema["$defs"].values()) for name in part.get("properties", {})}
    assert [name for name in sorted(fields) if f"| `{name}` |" not in text] == []
    assert json.loads((shipped("contracts") / "contract.schema.json").read_text(encoding="utf-8")) == schema


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 5}, "whole number from 1 to 5"),
        ({"type": "number", "exclusiveMinimum": 0}, "number over 0"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or null"),
        ({"type": "array", "items": {"$ref": "#/$defs/Rule"}}, "list of [Rule](#rule)"),
        ({"$ref": "#/$defs/Word"}, "`a` · `b`"),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, "mapping of names to true or false"),
        ({}, "any value"),
    ],
)
def test_types_in_words(schema: dict[str, Any], text: str) -> None:
    assert type_text(schema, {"Word": {"enum": ["a", "b"]}, "Rule": {"properties": {}}}) == text


def test_a_bar_in_a_table_is_escaped() -> None:
    assert table(["a"], [["x|y"]]) == "| a |\n| --- |\n| x\\|y |\n"
