"""Errors that some box on the way answers: what they say."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.faults.edge_actions import AnswerInstead, SyntheticResponse

from .edge_cases import on_request


def made(**params: Any) -> SyntheticResponse:
    (action,) = on_request("error-substitution", **params) or ()
    assert isinstance(action, AnswerInstead)
    assert action.forward is params.get("forward", False)
    assert action.detail == {"status": action.response.status, "forward": action.forward}
    return action.response


@pytest.mark.parametrize(
    ("params", "kind", "body"),
    [
        ({}, "application/json", b'{"code":"BUSY"}'),
        ({"code": "x", "forward": True}, "application/json", b'{"code":"x"}'),
        ({"body": "plain"}, "application/json", b"plain"),
        ({"body": "<p>no</p>"}, "text/html; charset=utf-8", b"<p>no</p>"),
    ],
)
def test_an_error(params: dict[str, Any], kind: str, body: bytes) -> None:
    assert made(**params) == SyntheticResponse(503, (("content-type", kind),), body)


def test_too_many_requests() -> None:
    answer = made(status=429, code="SLOW", retry_after_s=3)
    assert (answer.status, dict(answer.headers)["retry-after"]) == (429, "3")


@pytest.mark.parametrize(("status", "phrase"), [(502, "Bad Gateway"), (504, "Gateway Timeout"), (520, "Error")])
def test_the_page_of_a_cdn(status: int, phrase: str) -> None:
    answer = made(status=status, page="cdn", code="never seen")
    assert dict(answer.headers)["content-type"] == "text/html; charset=utf-8"
    assert f"<title>{status} {phrase}</title>".encode() in answer.body
    assert b"never seen" not in answer.body
