"""Callbacks that are refused at first."""

from __future__ import annotations

from ackord.chaos.faults import load_faults
from ackord.chaos.faults.callbacks import RefuseCallback

from .callback_cases import ordered


def test_the_first_are_refused_and_the_others_taken() -> None:
    assert [ordered("callback-refused", number=n, attempts=2) for n in (1, 2, 3)] == [
        RefuseCallback(503),
        RefuseCallback(503),
        None,
    ]


def test_it_needs_no_merchant() -> None:
    assert load_faults().get("callback-refused").subject == ""
