"""Registers the guarantees of a merchant, one per file, in the order in which reports show them."""

from __future__ import annotations

from . import fails_settled, pays_once, polls_politely, settles, verifies
from .base import MERCHANT_GUARANTEES, MerchantContext, MerchantGuarantee

__all__ = ["MERCHANT_GUARANTEES", "MerchantContext", "MerchantGuarantee"]

for _module in (pays_once, fails_settled, settles, polls_politely, verifies):
    MERCHANT_GUARANTEES.add(_module.GUARANTEE.id, _module.GUARANTEE)
