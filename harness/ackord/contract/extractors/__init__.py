"""Converts bodies that are neither JSON, nor a form, nor XML to documents and back: one extractor per file, registered
here.
"""

from __future__ import annotations

from . import hook, wechatpay_resource
from .base import ENTRY_POINT_GROUP, EXTRACTORS, BodyCodec, Extractor

__all__ = ["BUILT_IN", "ENTRY_POINT_GROUP", "EXTRACTORS", "BodyCodec", "Extractor"]

for _module in (wechatpay_resource, hook):
    EXTRACTORS.add(_module.EXTRACTOR.name, _module.EXTRACTOR)

BUILT_IN: tuple[Extractor, ...] = tuple(EXTRACTORS)
"""The extractors that come with Ackord; each is a key under a contract's ``format``."""
