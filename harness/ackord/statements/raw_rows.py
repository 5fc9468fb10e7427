"""Writes the text of rows that stand in a document: what the store keeps of them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import Element, tostring

__all__ = ["raw_of"]


def raw_of(row: Any) -> str:
    """Return a row's text: XML for an element, JSON for all else."""
    if isinstance(row, Element):
        return tostring(row, encoding="unicode").strip()
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str)
