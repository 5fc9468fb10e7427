"""Decides which conditions imply one another, and which can never hold.

It reasons on the conditions' text alone. Undecidable cases count as no problem.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..base.json_path import MISSING
from ..body import Encoding
from ..body.conditions import matcher, status_codes

__all__ = ["implies", "never_holds", "shadows"]

ConditionMap = Mapping[str, Any]

_NO_STATUS = 0
"""Stands for all statuses that no rule names; a rule without ``status`` reads them too."""
_EVERY_STATUS = frozenset({_NO_STATUS, *range(100, 600)})


def shadows(rules: Sequence[ConditionMap], index: int) -> list[int]:
    """Return the rules before ``rules[index]`` that match every answer it would match; empty if
    some answer reaches it.
    """
    late = rules[index]
    left = _codes(late)
    found = []
    for earlier in range(index):
        taken = left & _codes(rules[earlier])
        if taken and _follows(rules[earlier], late):
            found.append(earlier)
            left -= taken
            if not left:
                return found
    return []


def implies(stronger: Any, weaker: Any) -> bool:
    """Return whether every answer that meets one condition meets the other."""
    if not isinstance(stronger, dict):
        return all(map(matcher(weaker), _values(stronger)))
    if stronger == weaker:
        return True
    if stronger.get("exists") is False:
        return all(map(matcher(weaker), (MISSING, None)))
    return weaker == {"exists": True} and _needs_something(stronger)


def never_holds(when: ConditionMap, *, form: Encoding) -> tuple[str, str] | None:
    """Return a place whose condition no answer of the format can meet, and why; ``None`` if there is none."""
    for place, wanted in when.items():
        if place == "status":
            continue
        if not form.typed or place.startswith("header."):
            odd = [] if isinstance(wanted, dict) else [v for v in _values(wanted) if type(v) is not str]
            if odd:
                where = "a header" if place.startswith("header.") else form.shown
                return place, f"{json.dumps(odd[0])} is not text, and {where} holds nothing else"
        for inner, inside in when.items():
            if _is_within(inner, place) and _needs_something(inside) and _has_no_inside(wanted, form):
                return inner, f"nothing stands there if {place} is as this rule wants it"
    return None


def _follows(weaker: ConditionMap, stronger: ConditionMap) -> bool:
    """Return whether the places' conditions of one rule hold wherever those of another do."""
    known = {_key(place): wanted for place, wanted in stronger.items() if place != "status"}
    return all(
        (_key(place) in known and implies(known[_key(place)], wanted))
        or (
            wanted == {"exists": True}
            and any(_is_within(inner, place) and _needs_something(inside) for inner, inside in known.items())
        )
        for place, wanted in weaker.items()
        if place != "status"
    )


def _codes(when: ConditionMap) -> frozenset[int]:
    return status_codes(when["status"]) if "status" in when else _EVERY_STATUS


def _key(place: str) -> str:
    return place.lower() if place.startswith("header.") else place


def _values(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]


def _is_within(inner: str, outer: str) -> bool:
    """Return whether one place is inside another; a header has no inside."""
    return not outer.startswith("header.") and inner.startswith((f"{outer}.", f"{outer}[", f"{outer}/"))


def _needs_something(wanted: Any) -> bool:
    """Return whether the condition fails for a missing or null value."""
    holds = matcher(wanted)
    return not holds(MISSING) and not holds(None)


def _has_no_inside(wanted: Any, form: Encoding) -> bool:
    """Return whether a value that meets the condition cannot have children; an XML element may hold both text and
    elements.
    """
    if form.mixed:
        return bool(wanted == {"exists": False})
    return not isinstance(wanted, dict) or wanted in ({"exists": False}, {"empty": True}) or "regex" in wanted
