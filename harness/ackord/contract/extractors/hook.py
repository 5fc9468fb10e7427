"""Implements ``hook``: an extractor of another package, chosen by name."""

from __future__ import annotations

from ..base.plugins import Plugin
from .base import ENTRY_POINT_GROUP, EXTRACTORS, BodyCodec, Extractor

__all__ = ["EXTRACTOR", "PluginExtractor"]


class PluginExtractor(Plugin):
    """An extractor that an installed package registers under the entry point `ackord.extractors`."""


def _made(settings: PluginExtractor) -> BodyCodec:
    return settings.made(EXTRACTORS, ENTRY_POINT_GROUP, Extractor, lambda extractor: extractor.make)


EXTRACTOR = Extractor(
    name="hook", about="An extractor that another package brings.", settings=PluginExtractor, make=_made
)
