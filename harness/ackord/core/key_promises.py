"""Defines what a provider promises about keys: which requests mean the same order, and which keys it takes at all.

The *key* is what the provider tells orders apart by: the header that carries the order number, or the field of the
body. ``None`` means that nothing is declared; what is not declared is not sent, and not judged.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

__all__ = [
    "NO_KEY_PROMISES",
    "ByteForm",
    "EquivalentBytes",
    "KeyAnswer",
    "KeyPromises",
    "KeyVariation",
    "is_key_variation",
]


class ByteForm(StrEnum):
    """In what two bodies with the same values may differ."""

    FIELD_ORDER = "field-order"
    WHITE_SPACE = "white-space"
    ESCAPES = "escapes"
    NUMBER_FORM = "number-form"


class EquivalentBytes(StrEnum):
    """What the same values in other bytes are."""

    REPLAY = "replay"
    """The same payload: a resubmission of it is answered as ``on_same_payload`` says."""
    OTHER_PAYLOAD = "other_payload"
    """Another payload: the bytes are compared."""


class KeyAnswer(StrEnum):
    """What becomes of a first request whose key is unusual."""

    REJECT = "reject"
    ACCEPT = "accept"
    """It is taken as an order of its own."""


class KeyVariation(StrEnum):
    """How a submit's key differs from a usual one."""

    MISSING = "key-missing"
    EMPTY = "key-empty"
    OVERLONG = "key-overlong"
    OTHER_CASE = "key-other-case"
    """Letters in the other case, as the key of an order of its own."""
    FOLDED = "key-folded"
    """Letters in the other case, as the key of the same order."""

    @property
    def has_number(self) -> bool:
        """Whether the provider learns the order's number by the key."""
        return self not in (KeyVariation.MISSING, KeyVariation.EMPTY)


def is_key_variation(variation: str) -> bool:
    """Whether a request's variation makes it one whose key form is judged."""
    return variation.startswith("key-") and variation != KeyVariation.FOLDED


@dataclass(frozen=True, slots=True)
class KeyPromises:
    """One contract's promises about keys."""

    equivalent_bytes: EquivalentBytes | None = None
    equivalent_in: tuple[ByteForm, ...] = tuple(ByteForm)
    missing: KeyAnswer | None = None
    empty: KeyAnswer | None = None
    longest: int | None = None
    """Characters of the longest usual key; what ``overlong`` says is said of longer ones."""
    overlong: KeyAnswer | None = None
    case_sensitive: bool | None = None

    def declared(self, variation: str) -> KeyAnswer | None:
        """Return what is promised about a variation's key; ``None``: nothing."""
        match variation:
            case KeyVariation.MISSING:
                return self.missing
            case KeyVariation.EMPTY:
                return self.empty
            case KeyVariation.OVERLONG:
                return self.overlong
            case KeyVariation.OTHER_CASE:
                return KeyAnswer.ACCEPT if self.case_sensitive else None
        return None

    @property
    def of_forms(self) -> bool:
        """Whether anything is promised about a key's form."""
        return any(self.declared(variation) is not None for variation in KeyVariation)

    def undeclared(self) -> list[str]:
        """Return the names of the promises that the contract does not make, as it would make them."""
        names = ("equivalent_bytes", "missing", "empty", "overlong", "case_sensitive")
        return [name for name in names if getattr(self, name) is None]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> KeyPromises:
        """The inverse of ``to_json``. Raises ``TypeError`` or ``ValueError`` for anything else."""
        read = dict(data)
        for name, kind in (
            ("equivalent_bytes", EquivalentBytes),
            ("missing", KeyAnswer),
            ("empty", KeyAnswer),
            ("overlong", KeyAnswer),
        ):
            if read.get(name) is not None:
                read[name] = kind(read[name])
        if "equivalent_in" in read:
            read["equivalent_in"] = tuple(ByteForm(form) for form in read["equivalent_in"])
        return cls(**read)


NO_KEY_PROMISES = KeyPromises()
"""A contract that says nothing about keys."""
