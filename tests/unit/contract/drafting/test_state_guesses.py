"""A status word with one meaning is guessed; one that may mean several is not."""

from __future__ import annotations

import pytest

from ackord.contract.drafting.state_guesses import guessed_state


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PAID", "SUCCEEDED"),
        ("in_progress", "PROCESSING"),
        ("AcceptedSettlementCompleted", "SUCCEEDED"),
        ("canceled", "CANCELLED"),
        ("RJCT", "FAILED"),
        ("posted", "UNKNOWN"),
        ("authorised", "UNKNOWN"),
    ],
)
def test_a_word_with_one_meaning_is_guessed(word: str, state: str) -> None:
    assert guessed_state(word) == state
