"""Defines an extractor: a function from a body to a document, its inverse, and the settings that both are made from.

A document is plain data as in JSON; places such as ``$.a.b[0]`` are read in it as if it had come as JSON. Both
functions are pure and called from several threads. If a reader raises or returns anything else, the body is
``UNREADABLE``; it raises ``Unreadable`` to give its own reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...core.registry import Registry
from ..base.field_types import StrictModel

__all__ = ["ENTRY_POINT_GROUP", "EXTRACTORS", "BodyCodec", "Extractor"]

ENTRY_POINT_GROUP = "ackord.extractors"
"""The entry point group in which packages register an ``Extractor``; a contract uses it as ``format: {hook: {name:
...}}``.
"""


class BodyCodec(NamedTuple):
    """Reads bodies of one kind; an emulator also writes them."""

    read: Callable[[Mapping[str, str], bytes], Any]
    """Returns the document in a body. Header names are in lower case; the body is decompressed and not empty."""
    write: Callable[[Any], bytes] | None = None
    """Returns a body from which ``read`` makes this document; ``None``: the contract cannot be emulated."""
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Extractor:
    """One extractor. ``make`` raises ``SettingsProblem`` for unusable settings."""

    name: str
    about: str
    """One line for the field reference."""
    settings: type[StrictModel]
    make: Callable[[Any], BodyCodec]


EXTRACTORS: Registry[Extractor] = Registry("extractor")
