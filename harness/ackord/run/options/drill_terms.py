"""Define on which terms a drill judges a merchant: how its intents are told apart, and whether it reports."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ...chaos.profile import Profile
from ...core.clock import SECOND
from ...guarantees.merchant import MERCHANT_GUARANTEES

__all__ = ["DrillTerms"]

_ALWAYS = ("merchant-pays-once", "merchant-settles")
"""What a drill is about: without an occasion to break these it says nothing of the merchant."""
_OF_THE_VIEW = "merchant-never-fails-unsettled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillTerms:
    """As the journal's header keeps them under ``options.drill``."""

    intent: str = ""
    """The place in a submit's body that names the payable thing; empty: payee, amount and currency do."""
    intent_window_ns: int = 600 * SECOND
    """Without ``intent``: submits of the same payee, amount and currency within this time are for one thing."""
    reports: bool = False
    """Whether the merchant was given a way to say what it takes a payment for, and was expected to use it."""

    callbacks: bool = False
    """Whether the provider also tells by callbacks, which go to the merchant past the gateway."""

    def exposes(self, profile: Profile) -> list[str]:
        """Return the merchant guarantees that are INCONCLUSIVE, not NOT_APPLICABLE, where nothing exposed them."""
        meant = {*_ALWAYS, *profile.exposes, *([_OF_THE_VIEW] if self.reports else [])}
        return [name for name in MERCHANT_GUARANTEES.names() if name in meant]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
