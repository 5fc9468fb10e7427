"""What an extractor is: a way to read a body into a document, the way back, and the settings that both are made from.

A document is plain data as JSON has it: places such as ``$.a.b[0]`` are read in it as if it had come as JSON. Both ways are pure functions, called from several
threads. Whatever a reader raises or gives back that is no such document makes the body ``UNREADABLE``; ``Unreadable`` is how it says why in its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...core.registry import Registry
from ..base.field_types import StrictModel

__all__ = ["ENTRY_POINT_GROUP", "EXTRACTORS", "BodyCodec", "Extractor"]

ENTRY_POINT_GROUP = "ackord.extractors"
"""Packages that add an extractor name an ``Extractor`` under this group; a contract uses it as ``format: {hook: {name: ...}}``."""


class BodyCodec(NamedTuple):
    """Bodies of one kind: how they are read, and how an emulator writes them."""

    read: Callable[[Mapping[str, str], bytes], Any]
    """The document in a body; headers have names in lower case, the body is unpacked and not empty."""
    write: Callable[[Any], bytes] | None = None
    """A body from which ``read`` makes this document; ``None``: the contract reads, and cannot be emulated."""
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Extractor:
    """One way. ``make`` raises ``SettingsProblem`` for settings that cannot be used."""

    name: str
    about: str
    """One line for the field reference."""
    settings: type[StrictModel]
    make: Callable[[Any], BodyCodec]


EXTRACTORS: Registry[Extractor] = Registry("extractor")
