"""Names what a contract does not promise about keys, in a run that would have tried it: what is not declared was not
sent, and what is declared and was not sent was not judged.
"""

from __future__ import annotations

from ..core.history import History
from ..core.key_promises import ByteForm, KeyVariation

__all__ = ["key_notes"]

_TRIES = "key-form-respected"
_SENT_AS = {
    "equivalent_bytes": frozenset(ByteForm),
    "missing": frozenset({KeyVariation.MISSING}),
    "empty": frozenset({KeyVariation.EMPTY}),
    "overlong": frozenset({KeyVariation.OVERLONG}),
    "case_sensitive": frozenset({KeyVariation.OTHER_CASE, KeyVariation.FOLDED}),
}
"""The variations by which each promise is tried."""


def key_notes(history: History) -> list[str]:
    """Return notes about promises under ``promises.keys``; none in a run whose profile does not try them."""
    header = history.header
    if _TRIES not in header.exposes:
        return []
    undeclared = header.promises.keys.undeclared()
    sent = {x.variation for order in history.orders for x in (*order.submits, *order.key_probes) if x.variation}
    unsent = [name for name, forms in _SENT_AS.items() if name not in undeclared and sent.isdisjoint(forms)]
    notes = []
    if undeclared:
        names = ", ".join(undeclared)
        notes.append(
            f"the contract says nothing of promises.keys: {names}; no such request was sent, and none is judged"
        )
    if unsent:
        names = ", ".join(unsent)
        notes.append(
            f"promises.keys declares {names}, and its orders have no such form: none was sent, and none is judged"
        )
    return notes
