"""Codes of documented errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.drafting.error_codes import ErrorCode, error_codes, shown_examples
from ackord.contract.drafting.openapi_document import OpenApiDocument


def codes(folder: Path, media: dict[str, Any]) -> tuple[ErrorCode, ...]:
    responses = {"409": {"content": {"application/json": media}}}
    path = folder / "document.json"
    path.write_text(json.dumps({"openapi": "3.0.0", "paths": {"/pay": {"post": {"responses": responses}}}}))
    document = OpenApiDocument(path)
    (operation,) = document.operations("POST")
    assert error_codes(document, operation, 404) == ()
    return error_codes(document, operation, 409)


@pytest.mark.parametrize(
    ("example", "found"),
    [
        ({"error_code": "DUPLICATE", "message": "Taken."}, ErrorCode("$.error_code", "DUPLICATE")),
        ({"error": {"reason": "taken", "text": "It is taken."}}, ErrorCode("$.error.reason", "taken")),
        ({"errors": [{"code": "key.taken"}]}, ErrorCode("$.errors[0].code", "key.taken")),
    ],
)
def test_a_code_is_a_word_of_its_own(example: Any, found: ErrorCode, tmp_path: Path) -> None:
    assert codes(tmp_path, {"example": example}) == (found,)


@pytest.mark.parametrize(
    "example", [{"code": 409}, {"type": "invalid_request"}, {"error": "It is taken."}, "taken", {}]
)
def test_what_tells_no_error_apart_is_no_code(example: Any, tmp_path: Path) -> None:
    assert codes(tmp_path, {"example": example}) == ()


def test_every_example_has_its_code(tmp_path: Path) -> None:
    examples = {"a": {"value": {"code": "TAKEN"}}, "b": {"value": {"code": "BUSY"}}, "c": {"value": {"code": "TAKEN"}}}
    assert [code.word for code in codes(tmp_path, {"examples": examples})] == ["TAKEN", "BUSY"]


def test_without_an_example_nothing_is_shown(tmp_path: Path) -> None:
    assert codes(tmp_path, {"schema": {"type": "object"}}) == ()
    (tmp_path / "none.json").write_text('{"paths": {}}')
    assert shown_examples(OpenApiDocument(tmp_path / "none.json"), {}) == []
