"""``hook``: an extractor that another package brings, by name."""

from __future__ import annotations

from ..base.outsiders import Outsider
from .base import ENTRY_POINT_GROUP, EXTRACTORS, Bodies, Extractor

__all__ = ["EXTRACTOR", "HookedExtractor"]


class HookedExtractor(Outsider):
    """An extractor that an installed package registers under the entry point `ackord.extractors`."""


def _made(settings: HookedExtractor) -> Bodies:
    return settings.made(EXTRACTORS, ENTRY_POINT_GROUP, Extractor, lambda extractor: extractor.make)


EXTRACTOR = Extractor(
    name="hook", about="An extractor that another package brings.", settings=HookedExtractor, make=_made
)
