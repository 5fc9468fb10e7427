"""Names what a run would have tried and did not: promises about keys that a contract does not make, and what it
declares of keys and of its sandbox that no order of the run could be.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..core.clock import SECOND
from ..core.history import History
from ..core.key_promises import ByteForm, KeyVariation
from ..core.sandbox_trigger import TRIGGER

__all__ = ["declared_notes"]

_KEYS, _TRIGGERS = "key-form-respected", "trigger-leads-as-declared"
"""Guarantees that only a profile exposes which tries these."""
_SENT_AS = {
    "equivalent_bytes": frozenset(ByteForm),
    "missing": frozenset({KeyVariation.MISSING}),
    "empty": frozenset({KeyVariation.EMPTY}),
    "overlong": frozenset({KeyVariation.OVERLONG}),
    "case_sensitive": frozenset({KeyVariation.OTHER_CASE, KeyVariation.FOLDED}),
}
"""The variations by which each promise is tried."""


def declared_notes(history: History) -> list[str]:
    """Return notes about promises under ``promises.keys`` and about ``sandbox_triggers``; none in a run whose profile
    does not try them.
    """
    exposes = history.header.exposes
    if history.clock_advances:
        return [_clock_note(history)]
    if _KEYS not in exposes and _TRIGGERS not in exposes:
        return []
    sent = {x.variation for order in history.orders for x in (*order.submits, *order.key_probes) if x.variation}
    return [*(_key_notes(history, sent) if _KEYS in exposes else ()), *_trigger_notes(history, sent)]


def _key_notes(history: History, sent: set[str]) -> Iterator[str]:
    undeclared = history.header.promises.keys.undeclared()
    unsent = [name for name, forms in _SENT_AS.items() if name not in undeclared and sent.isdisjoint(forms)]
    if undeclared:
        names = ", ".join(undeclared)
        yield f"the contract says nothing of promises.keys: {names}; no such request was sent, and none is judged"
    if unsent:
        names = ", ".join(unsent)
        yield f"promises.keys declares {names}, and no order had such a form: none was sent, and none is judged"


def _trigger_notes(history: History, sent: set[str]) -> Iterator[str]:
    if _TRIGGERS not in history.header.exposes:
        return
    unsent = [t.name for t in history.header.promises.triggers if f"{TRIGGER}{t.name}" not in sent]
    if unsent:
        names = ", ".join(unsent)
        yield f"no order pulled the triggers {names}: the limits forbid their amounts, or leave too few orders"


def _clock_note(history: History) -> str:
    """Tell how far the sandbox's clock was moved on, and whether anything shows that it moved."""
    hours = sum(a.by_ns for a in history.clock_advances) / (3600 * SECOND)
    head = f"the sandbox's clock was moved on by {hours:,.1f} hours"
    ids = [
        ({x.provider_id for x in order.expired if x.provider_id}, order) for order in history.orders if order.expired
    ]
    if not ids:
        return f"{head}; numbers are remembered for longer, and nothing but its answer shows that it moved"
    new = sum(bool(found - {x.provider_id for x in order.acks}) for found, order in ids)
    if not new:
        return (
            f"{head}, and after that no number of {len(ids)} was new: keys are kept for longer than promised, or the "
            "clock did not move"
        )
    return f"{head}, and after that {new} of {len(ids)} numbers were new orders, which is not judged"
