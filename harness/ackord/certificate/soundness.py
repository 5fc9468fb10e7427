"""Names the kinds of what is wrong with a bundle, so that nobody takes one that was altered on its way for a vendor's
lie, or another version for either.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["Soundness", "VerificationFinding"]


class Soundness(StrEnum):
    """From the gravest to the best."""

    ALTERED = "ALTERED"
    """These are not the files that were signed."""
    NOT_BY_THIS_KEY = "NOT SIGNED BY THIS KEY"
    """Somebody signed them, and not the owner of the key that was given."""
    SIGNED_BUT_WRONG = "SIGNED, BUT WRONG"
    """The signer signed what the evidence does not give."""
    REPLAYED = "REPLAYED"
    """Old evidence that is passed off as new, or as the answer to another challenge."""
    OTHER_VERSION = "JUDGED BY ANOTHER VERSION"
    """Another Ackord judged it, and this one does not come to the same."""
    EXPIRED = "EXPIRED"
    SIGNER_UNKNOWN = "SIGNER UNKNOWN"
    """All fits together, and nobody said whose key it is."""
    SOUND = "SOUND"

    @property
    def exit_code(self) -> int:
        """Return 0 for what is sound, 3 for what proves nothing (now, here), 1 for what is false."""
        match self:
            case Soundness.SOUND:
                return 0
            case Soundness.OTHER_VERSION | Soundness.EXPIRED | Soundness.SIGNER_UNKNOWN:
                return 3
            case _:
                return 1


class VerificationFinding(NamedTuple):
    """One thing that keeps a bundle from being sound."""

    kind: Soundness
    sentence: str
