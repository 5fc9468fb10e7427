"""Answers in the provider's stead: their type and bytes."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.faults.edge_actions import response_of


@pytest.mark.parametrize(
    ("body", "kind", "written"),
    [
        ({"a": "é"}, "application/json", '{"a":"é"}'.encode()),
        ("plain", "application/json", b"plain"),
        (" <p>", "text/html; charset=utf-8", b" <p>"),
        ("\ud800", "application/json", b"?"),
    ],
)
def test_text_is_given_as_it_is_and_anything_else_as_json(body: Any, kind: str, written: bytes) -> None:
    assert response_of(503, body) == (503, (("content-type", kind),), written)
