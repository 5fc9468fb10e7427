"""Finds a guarantee's texts by its id, whether it is a provider's or a merchant's."""

from __future__ import annotations

from ..base import GUARANTEES, Guarantee
from . import MERCHANT_GUARANTEES, MerchantGuarantee

__all__ = ["guarantee_named"]


def guarantee_named(name: str) -> Guarantee | MerchantGuarantee | None:
    """Return the guarantee of that id; ``None``: there is none here (another package's, in a foreign journal)."""
    if name in MERCHANT_GUARANTEES:
        return MERCHANT_GUARANTEES.get(name)
    return GUARANTEES.get(name) if name in GUARANTEES else None
