"""Makes the badge of a certificate for the endpoint of shields.io: green while it is sound, grey once it expired."""

from __future__ import annotations

from ..report.badge import Badge
from ..report.files import json_bytes
from .soundness import Soundness
from .verification import Verification

__all__ = ["badge_json", "certificate_badge"]


def certificate_badge(verification: Verification) -> Badge:
    """Return what a badge says of a bundle."""
    claim = verification.statement["predicate"]["claim"] if verification.statement else {}
    label = f"ackord {claim.get('level', 'certificate')}"
    match verification.soundness:
        case Soundness.SOUND:
            return Badge(label, f"until {str(claim['expires'])[:10]}", "brightgreen")
        case Soundness.EXPIRED | Soundness.SIGNER_UNKNOWN | Soundness.OTHER_VERSION as kind:
            return Badge(label, kind.value.lower(), "lightgrey")
        case _:
            return Badge(label, "not valid", "red")


def badge_json(verification: Verification) -> bytes:
    """Return the endpoint's JSON. Nothing in it expires by itself: make it again, say, every day."""
    badge = certificate_badge(verification)
    return json_bytes({"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": badge.color})
