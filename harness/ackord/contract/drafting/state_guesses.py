"""Guesses what a provider's status words mean, for a draft; each guess is marked there."""

from __future__ import annotations

from .field_names import words_of

__all__ = ["guessed_state"]

_MEANINGS = {
    "RECEIVED": "accepted created initiated new open received registered scheduled submitted rcvd pdng accp actc",
    "PROCESSING": "pending processing inprogress intransit queued reserved ongoing executing unprocessed acsp "
    "acwc acceptedsettlementinprocess",
    "SUCCEEDED": "success succeeded successful complete completed paid settled captured committed executed finished "
    "confirmed booked acsc accc acceptedsettlementcompleted acceptedcreditsettlementcompleted",
    "FAILED": "failed failure fail error rejected refused aborted expired rjct",
    "CANCELLED": "cancelled canceled voided void canc",
    "DECLINED": "declined denied",
    "RETURNED": "returned reversed refunded",
}
_STATES = {word: state for state, words in _MEANINGS.items() for word in words.split()}


def guessed_state(word: str) -> str:
    """Return the state that a status word probably means; ``UNKNOWN`` where it may mean several."""
    return _STATES.get("".join(words_of(word)), "UNKNOWN")
