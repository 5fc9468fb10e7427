"""``hook``: a scheme that another package brings, by name. The contract's file names it and gives it settings; it never holds code itself."""

from __future__ import annotations

from ..base.outsiders import Outsider
from .base import ENTRY_POINT_GROUP, SCHEMES, MerchantSide, ProviderSide, Scheme

__all__ = ["SCHEME", "HookedScheme"]


class HookedScheme(Outsider):
    """A scheme that an installed package registers under the entry point `ackord.signing`."""


def _merchant(settings: HookedScheme) -> MerchantSide:
    return settings.made(SCHEMES, ENTRY_POINT_GROUP, Scheme, lambda scheme: scheme.merchant)


def _provider(settings: HookedScheme) -> ProviderSide:
    return settings.made(SCHEMES, ENTRY_POINT_GROUP, Scheme, lambda scheme: scheme.provider)


SCHEME = Scheme(
    name="hook",
    about="A scheme that another package brings.",
    settings=HookedScheme,
    merchant=_merchant,
    provider=_provider,
)
