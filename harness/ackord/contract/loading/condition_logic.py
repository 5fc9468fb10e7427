"""Conditions compared with one another: which of them follows from another, and which can never hold.

Nothing is tried out: where it cannot be told from the words alone, the answer is the one that accuses nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..base.conditions import matcher, status_codes
from ..base.json_path import MISSING

__all__ = ["implies", "never_holds", "shadows"]

ConditionMap = Mapping[str, Any]

_NO_STATUS = 0
"""Stands for the codes that no HTTP status has, which a rule without ``status`` reads as well."""
_EVERY_STATUS = frozenset({_NO_STATUS, *range(100, 600)})


def shadows(rules: Sequence[ConditionMap], index: int) -> list[int]:
    """The rules before ``rules[index]`` that take everything it would read, all of them needed or one alone; empty if some answer gets to it."""
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
    """Whether whatever meets one condition meets the other."""
    if not isinstance(stronger, dict):
        return all(map(matcher(weaker), _values(stronger)))
    if stronger == weaker:
        return True
    if stronger.get("exists") is False:
        return all(map(matcher(weaker), (MISSING, None)))
    return weaker == {"exists": True} and _needs_something(stronger)


def never_holds(when: ConditionMap, *, form: str) -> tuple[str, str] | None:
    """A place whose condition no answer of a format can meet, and why; ``None`` if there is none."""
    for place, wanted in when.items():
        if place == "status":
            continue
        if form != "json" or place.startswith("header."):
            odd = [] if isinstance(wanted, dict) else [v for v in _values(wanted) if type(v) is not str]
            if odd:
                where = "a header" if place.startswith("header.") else "a form" if form == "form" else "XML"
                return place, f"{json.dumps(odd[0])} is not text, and {where} holds nothing else"
        for inner, inside in when.items():
            if _is_within(inner, place) and _needs_something(inside) and _has_no_inside(wanted, form):
                return inner, f"nothing stands there if {place} is as this rule wants it"
    return None


def _follows(weaker: ConditionMap, stronger: ConditionMap) -> bool:
    """Whether the places' conditions of one rule hold wherever those of another do."""
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
    return inner != outer and inner.startswith((f"{outer}.", f"{outer}[", f"{outer}/")) and outer[0] in "$/"


def _needs_something(wanted: Any) -> bool:
    """Whether the condition fails where nothing stands, or null."""
    holds = matcher(wanted)
    return not holds(MISSING) and not holds(None)


def _has_no_inside(wanted: Any, form: str) -> bool:
    """Whether what meets the condition holds nothing further; an element of XML may hold both text and elements."""
    if form == "xml":
        return bool(wanted == {"exists": False})
    return not isinstance(wanted, dict) or wanted in ({"exists": False}, {"empty": True}) or "regex" in wanted
