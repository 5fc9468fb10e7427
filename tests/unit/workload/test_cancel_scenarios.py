"""Cancels race with the payment: they are held for the acknowledgement, and sent once more after it."""

from __future__ import annotations

import pytest

from ackord.core.operation import OperationKind

from .stage import played


@pytest.mark.parametrize(("name", "held"), [("cancel-race", 1), ("cancel-twice", 2), ("cancel-lost-answer", 1)])
def test_cancels_are_held_for_the_acknowledgement(name: str, held: int) -> None:
    calls = played(name)
    cancels = [c for c in calls if c.kind is OperationKind.CANCEL]
    assert [c.hold for c in cancels] == [f"ack:{calls[0].token}"] * held + [""] * (len(cancels) - held)
    assert len(cancels) > held


def test_the_answer_is_lost_where_the_scenario_says_so() -> None:
    cancels = [c for c in played("cancel-lost-answer") if c.kind is OperationKind.CANCEL]
    assert [c.inject for c in cancels] == ["lost-answer", "lost-answer", ""]
