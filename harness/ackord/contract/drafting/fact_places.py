"""Guesses where an example answer holds the facts: order number, the provider's identifier, status, amount."""

from __future__ import annotations

import re
from typing import NamedTuple

from .field_names import is_amount, is_currency, is_id, is_state, name_is_of_others, same_name, words_of
from .state_guesses import guessed_state
from .value_roles import LeafValue, document_of, leaves, place

__all__ = ["FactHints", "extracted_facts", "marking_place", "nearest_first", "status_leaves"]


_OTHER_FACTS = frozenset(
    "available balance capture charge conversion discount error fee fees limit reconciliation refund refunds refunded "
    "reversed risk settlement tax tip".split()
)
"""Words in the names of amounts and statuses that are not the order's."""


def nearest_first(body: bytes) -> list[LeafValue]:
    """Return the facts of an answer, those of the order itself before nested ones."""
    return sorted(leaves(document_of(body)), key=lambda leaf: len(leaf.path))


def status_leaves(told: list[LeafValue]) -> list[LeafValue]:
    """Return the facts that are called a status; where none is, those whose word is known to mean a state."""
    named = [leaf for leaf in told if is_state(leaf.name)]
    return named or [leaf for leaf in told if isinstance(leaf.value, str) and guessed_state(leaf.value) != "UNKNOWN"]


def marking_place(told: list[LeafValue]) -> str:
    """Return a place that only the API's own answers have: its status or an identifier; empty if there is none."""
    states = status_leaves(told)
    found = min(states, key=_distance) if states else next((leaf for leaf in told if is_id(leaf.name)), None)
    return place(found.path) if found is not None else ""


class FactHints(NamedTuple):
    """What is known of an order from its two requests."""

    number: str
    """The value that is the merchant's number; empty if there is none."""
    provider_id: str
    """The value that is the provider's identifier."""
    asked: str
    """The query's parameter that names the order."""
    target: str
    """The query's address."""
    made_up: bool = False
    """Whether all identifiers have one made-up value, so that their names alone tell them apart."""


def extracted_facts(told: list[LeafValue], hints: FactHints) -> dict[str, str]:
    """Return the places of an answer's facts, by their names in a contract's ``extract``."""
    facts: dict[str, str] = {}
    there = [leaf for leaf in told if place(leaf.path)]
    for leaf in there:
        if hints.number and leaf.value == hints.number:
            facts.setdefault("order_no", place(leaf.path))
    if states := [leaf for leaf in status_leaves(there) if isinstance(leaf.value, str)]:
        facts["state"] = place(min(states, key=_distance).path)
    beside_currency = {leaf.path[:-1] for leaf in there if is_currency(leaf.name)}
    units = [(leaf, unit) for leaf in there if (unit := _unit(leaf, leaf.path[:-1] in beside_currency))]
    if units:
        amount, unit = min(units, key=lambda found: _distance(found[0]))
        facts[unit] = place(amount.path)
    if found := _provider_id(there, hints):
        facts["provider_id"] = found
    return facts


def _distance(leaf: LeafValue) -> tuple[bool, int, int]:
    """Return how far a fact is from the order itself: a fee's amount and a refund's status are other facts."""
    names = {word for step in leaf.path if isinstance(step, str) for word in words_of(step)}
    return bool(names & _OTHER_FACTS), len(leaf.path), len(words_of(leaf.name))


def _provider_id(told: list[LeafValue], hints: FactHints) -> str:
    about = {word.removesuffix("s") for word in words_of(hints.target)}

    def likeness(leaf: LeafValue) -> tuple[bool, bool, bool, int, bool]:
        words = words_of(leaf.name)
        return (
            str(leaf.value) == hints.provider_id,
            same_name(leaf.name, hints.asked) and words != ("id",),
            words == ("id",) or bool(about.intersection(words[:-1])),
            -len(leaf.path),
            words == ("id",),
        )

    def possible(leaf: LeafValue) -> bool:
        names = {word for step in leaf.path if isinstance(step, str) for word in words_of(step)}
        own = not name_is_of_others(*names) and not names & _OTHER_FACTS
        return own or (not hints.made_up and str(leaf.value) == hints.provider_id)

    named = [leaf for leaf in told if is_id(leaf.name) and type(leaf.value) in (str, int) and possible(leaf)]
    named = [leaf for leaf in named if not hints.number or leaf.value != hints.number]
    return place(max(named, key=likeness).path) if named else ""


def _unit(leaf: LeafValue, beside_currency: bool) -> str:
    """Return the fact that an amount is, by the type of its value; empty for what is no amount.

    ``beside_currency``: whether a currency stands in the same object.
    """
    names = [step for step in leaf.path if isinstance(step, str)]
    words = words_of(leaf.name)
    fits = words == ("total",) or (len(words) <= 3 and "amount" in words)
    fits = fits or (leaf.name == "value" and (beside_currency or any("amount" in name.lower() for name in names)))
    if not fits or not is_amount(leaf.name) or isinstance(leaf.value, bool):
        return ""
    if isinstance(leaf.value, int):
        return "amount_minor"
    text = str(leaf.value)
    if isinstance(leaf.value, float) or re.fullmatch(r"\d+\.\d+", text):
        return "amount_major"
    return "amount_minor" if text.isdecimal() else ""
