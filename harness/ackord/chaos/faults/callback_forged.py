"""Callbacks that are not the provider's."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...core.payment_state import NO_MONEY, PaymentState
from .base import register
from .callbacks import CallbackFault, CallbackView, ForgeCallback, SignatureDefect
from .edge_views import KeyedRandom

__all__ = ["CallbackForged"]

_DEFECTS: tuple[SignatureDefect, ...] = ("missing", "wrong", "other-key")


@register
class CallbackForged(CallbackFault):
    """Somebody else calls in the provider's name, before the first genuine callback about an order, and claims how the
    payment ended. Only where the contract's callbacks are signed: else no merchant could tell.
    """

    fault: Literal["callback-forged"] = Field(description="The fault's name.")
    claims: Literal["succeeded", "failed", "opposite"] = Field(
        default="opposite",
        description="What it claims; `opposite`: failed, unless the genuine callback says that no money moves.",
    )
    signature: Literal["missing", "wrong", "other-key", "drawn"] = Field(
        default="drawn",
        description="`wrong`: that of another message; `other-key`: made with a key that is not the provider's; "
        "`drawn`: one of them, as the seed says.",
    )

    def on_callback(self, call: CallbackView, random: KeyedRandom) -> ForgeCallback | None:
        if call.number > 1:
            return None
        if self.claims == "opposite":
            claim = PaymentState.SUCCEEDED if call.state in NO_MONEY else PaymentState.FAILED
        else:
            claim = PaymentState[self.claims.upper()]
        drawn = _DEFECTS[random.bits(self.fault, "signature") % len(_DEFECTS)]
        return ForgeCallback(claim, drawn if self.signature == "drawn" else self.signature)
