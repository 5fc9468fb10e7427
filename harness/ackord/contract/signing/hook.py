"""Implements ``hook``: a scheme of another package, chosen by name. The contract names it and holds its settings, never
code.
"""

from __future__ import annotations

from ..base.plugins import Plugin
from .base import ENTRY_POINT_GROUP, SCHEMES, MerchantSide, ProviderSide, Scheme

__all__ = ["SCHEME", "PluginScheme"]


class PluginScheme(Plugin):
    """A scheme that an installed package registers under the entry point `ackord.signing`."""


def _merchant(settings: PluginScheme) -> MerchantSide:
    return settings.made(SCHEMES, ENTRY_POINT_GROUP, Scheme, lambda scheme: scheme.merchant)


def _provider(settings: PluginScheme) -> ProviderSide:
    return settings.made(SCHEMES, ENTRY_POINT_GROUP, Scheme, lambda scheme: scheme.provider)


SCHEME = Scheme(
    name="hook",
    about="A scheme that another package brings.",
    settings=PluginScheme,
    merchant=_merchant,
    provider=_provider,
)
