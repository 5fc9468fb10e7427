"""Faults that a test names are checked like a profile's."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.errors import UsageError
from ackord.run.extra_faults import with_faults
from ackord.run.resolve import load_profile


def test_they_are_added_to_those_of_the_profile() -> None:
    profile = load_profile("lost-answers")
    found = with_faults(profile, ["lost-request", {"fault": "latency", "ms": 50}])
    assert found.faults[: len(profile.faults)] == profile.faults
    assert [fault.fault for fault in found.faults[len(profile.faults) :]] == ["lost-request", "latency"]
    assert with_faults(profile, ()) is profile


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("lost-anwser", 'no fault is called "lost-anwser". Did you mean "lost-answer"'),
        ({"name": "latency"}, 'no fault is called "None"'),
        ({"fault": "latency"}, "ms"),
        ({"fault": "lost-answer", "share": 2}, "share"),
        ({"fault": "lost-answer", "shares": 1}, "shares"),
    ],
)
def test_a_wrong_one_is_refused(fault: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says.replace("?", r"\?")):
        with_faults(load_profile("none"), [fault])
