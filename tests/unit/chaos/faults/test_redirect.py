"""Redirects: where they lead, and that one is followed once."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.chaos.faults.edge_actions import AnswerInstead, SyntheticResponse
from ackord.chaos.faults.redirect import is_redirected

from .edge_cases import on_request


def made(target: str = "/p", **params: Any) -> SyntheticResponse:
    (action,) = on_request("redirect", target, **params) or ()
    assert isinstance(action, AnswerInstead)
    return action.response


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/p", "/p?ackord-redirected=1"),
        ("/p?a=b", "/p?a=b&ackord-redirected=1"),
        ("/\xe9%20", "/%E9%20?ackord-redirected=1"),
    ],
)
def test_a_redirect_leads_to_the_same_place_once(target: str, location: str) -> None:
    answer = made(target)
    assert (answer.status, dict(answer.headers)["location"]) == (307, location)
    assert on_request("redirect", location) is None
    assert not is_redirected("/ackord-redirected=1?a=xackord-redirected=1")


def test_a_location_is_one_line() -> None:
    answer = made(location="https://x.test/é\r\nSet-Cookie: a=b", status=302)
    assert (answer.status, dict(answer.headers)["location"]) == (302, "https://x.test/%C3%A9%0D%0ASet-Cookie:%20a=b")
