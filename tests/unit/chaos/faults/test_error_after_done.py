"""Errors after the work was done, and only then."""

from __future__ import annotations

import pytest

from ackord.chaos.faults.edge_actions import ReplaceAnswer, SyntheticResponse, response_of

from .edge_cases import on_answer


def test_what_was_done_is_answered_with_an_error() -> None:
    found = on_answer("error-after-done", answered=201, status=500, body='{"error": "internal"}')
    made = SyntheticResponse(500, (("content-type", "application/json"),), b'{"error": "internal"}')
    assert found == ReplaceAnswer(made, detail={"status": 500, "instead_of": 201})


def test_by_default_it_is_a_page_of_a_load_balancer() -> None:
    found = on_answer("error-after-done", answered=200, status=504)
    assert isinstance(found, ReplaceAnswer)
    assert found.response == response_of(504, found.response.body.decode())
    assert b"<h1>504 Gateway Timeout</h1>" in found.response.body


@pytest.mark.parametrize("answered", [302, 404, 422, 503])
def test_what_was_not_done_passes(answered: int) -> None:
    assert on_answer("error-after-done", answered=answered) is None
