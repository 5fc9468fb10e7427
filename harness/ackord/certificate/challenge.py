"""Binds a run to a challenge: the seed follows from the customer's words, and the run's amounts from the seed.

A run that was made before the challenge was known has another seed, and its orders have other amounts, at the provider
too. Whoever passes it off as the answer to the challenge has to invent the provider's answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ..contract.spec.model import Contract
from ..core.event import Begin
from ..core.history import History
from ..core.operation import OperationKind, Vantage
from ..core.seed import Seed
from ..errors import UsageError

__all__ = ["checked_nonce", "seed_of_challenge", "unlike_seed"]

_LONGEST = 200
_LAST_DIGITS = 6
_LEAST_SHARE = 0.5
"""Scenarios and programs choose some amounts by themselves: of the rest all fit, and by chance one in thousands."""
_FEW = 5


def checked_nonce(text: str) -> str:
    """Return a challenge as it is signed. Raises ``UsageError`` for one that nobody could tell from another."""
    if not 8 <= len(text) <= _LONGEST or not text.isprintable() or text != text.strip():
        raise UsageError(
            f"--nonce {text[:40]!r}: this is no challenge.\n"
            f"  expected: 8 to {_LONGEST} printable characters that nobody could have known before"
        )
    return text


def seed_of_challenge(nonce: str) -> int:
    """Return the seed of a run that answers a challenge."""
    digest = hashlib.sha256(b"ackord challenge\x00" + nonce.encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def unlike_seed(history: History, contract: Contract) -> str:
    """Return why a run's orders cannot have been dealt by the seed in its header; empty if they can.

    Empty too where that cannot be told: for numbers without decimal digits, and for a handful of orders.
    """
    form, amounts = contract.order_no.number_form(), contract.limits.amounts()
    if form.uuid or not set("0123456789") <= set(form.alphabet) or amounts.count < 100:
        return ""
    header = history.header
    seed = Seed(header.seed).derive(header.profile)
    fits = [
        event.amount_minor == amounts.at(seed.pick(amounts.count, "amount", ordinal))
        for event, ordinal in _first_submits(history)
    ]
    if len(fits) < _FEW or sum(fits) >= _LEAST_SHARE * len(fits):
        return ""
    return f"{sum(fits)} of {len(fits)} orders have the amounts that the seed {header.seed} deals: another run's orders"


def _first_submits(history: History) -> Iterator[tuple[Begin, int]]:
    """Yield the first submit of each order, with the ordinal at the end of its number."""
    seen: set[str] = set()
    for event in history.events:
        if isinstance(event, Begin) and event.vantage is Vantage.MERCHANT and event.kind is OperationKind.SUBMIT:
            digits = event.order[-_LAST_DIGITS:]
            if event.order not in seen and digits.isdecimal():
                seen.add(event.order)
                yield event, int(digits)
