"""Names what a run would have tried and did not: promises about keys that a contract does not make, and what it
declares of keys and of its sandbox that no order of the run could be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..core.clock import SECOND
from ..core.history import History
from ..core.key_promises import ByteForm, KeyVariation
from ..core.sandbox_trigger import TRIGGER
from .joint_facts import JointFacts

__all__ = ["declared_notes", "tries_variations"]

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


def declared_notes(history: History, facts: JointFacts) -> list[str]:
    """Return notes about promises under ``promises.keys`` and about ``sandbox_triggers``; none in a run whose profile
    does not try them. ``facts``: of all its orders.
    """
    exposes = history.header.exposes
    if history.clock_advances:
        return [_clock_note(history, facts)]
    sent = facts.variations
    return [*(_key_notes(history, sent) if _KEYS in exposes else ()), *_trigger_notes(history, sent)]


def tries_variations(exposes: Collection[str]) -> bool:
    """Return whether a run whose profile exposes these guarantees sends requests that differ from the usual ones."""
    return _KEYS in exposes or _TRIGGERS in exposes


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


def _clock_note(history: History, facts: JointFacts) -> str:
    """Tell how far the sandbox's clock was moved on, and whether anything shows that it moved."""
    hours = sum(a.by_ns for a in history.clock_advances) / (3600 * SECOND)
    head = f"the sandbox's clock was moved on by {hours:,.1f} hours"
    if not facts.expired:
        return f"{head}; numbers are remembered for longer, and nothing but its answer shows that it moved"
    if not facts.new_again:
        return (
            f"{head}, and after that no number of {facts.expired} was new: keys are kept for longer than promised, or "
            "the clock did not move"
        )
    return f"{head}, and after that {facts.new_again} of {facts.expired} numbers were new orders, which is not judged"
