"""Truncated answers: how much of the body is given."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.faults.edge_actions import TruncateAnswer

from .edge_cases import on_answer


@pytest.mark.parametrize(
    ("params", "given"),
    [({}, 5), ({"part": 0}, 0), ({"part": 0.99}, 9), ({"bytes": 3}, 3), ({"bytes": 10}, 9), ({"bytes": 0}, 0)],
)
def test_one_byte_is_missing_at_least(params: dict[str, Any], given: int) -> None:
    detail = {"given_bytes": given, "of_bytes": 10, "end": "close"}
    assert on_answer("truncated-body", b"0123456789", **params) == TruncateAnswer(given, "close", detail=detail)


def test_an_answer_without_a_body_passes() -> None:
    assert on_answer("truncated-body", b"") is None
    assert on_answer("slow-body", b"") is None
