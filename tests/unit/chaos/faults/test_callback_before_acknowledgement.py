"""Acknowledgements that wait for a callback."""

from __future__ import annotations

import pytest

from ackord.chaos.faults import EdgeFault, Seam, load_faults
from ackord.chaos.faults.edge_actions import HoldAnswer
from ackord.chaos.faults.edge_views import KeyedRandom, RequestView
from ackord.chaos.profile import read_profile
from ackord.core.seed import Seed

NAME = "callback-before-acknowledgement"
REQUEST = RequestView("POST", "/", list, lambda: b"")


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("submit", {}, [HoldAnswer(1_000_000_000, end=True)]),
        ("submit", {"most_ms": 5, "callback": "any"}, [HoldAnswer(5_000_000, end=False)]),
        ("resubmit", {}, None),
        ("query", {}, None),
        ("", {}, None),
    ],
)
def test_it_holds_the_first_answer_of_an_order(operation: str, params: dict[str, object], expected: object) -> None:
    fault = load_faults().get(NAME).model_validate({"fault": NAME, **params})
    assert isinstance(fault, EdgeFault)
    assert fault.on_request(REQUEST, KeyedRandom(Seed(1), 1, operation, 1)) == expected


def test_it_needs_callbacks_and_judges_a_provider() -> None:
    profile = read_profile("callbacks-first").profile
    assert profile.needs() == (Seam.EDGE, Seam.CALLBACK)
    assert not profile.tries_merchant
