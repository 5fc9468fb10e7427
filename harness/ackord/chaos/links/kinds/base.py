"""Defines a toxic, a value that describes what happens to a link's bytes, and the stage that applies it to one
direction of one connection.

The kinds, their attributes and their effects are Toxiproxy's (its README, "Toxics"; compared with its server 2.12.0),
each in a file of its own under ``kinds/``. A stage is pure: it is told when an item arrived, and returns what leaves
and from which instant. It reads no clock and touches no socket. Each random draw is a hash of the seed, the link, the
toxic's name, the connection's ordinal and the stage's own count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from ....core.seed import Seed
from ....errors import UnknownNameError, UsageError

__all__ = [
    "DOWNSTREAM",
    "NEVER_NS",
    "STREAMS",
    "UPSTREAM",
    "StageStep",
    "StreamItem",
    "StreamMark",
    "Toxic",
    "ToxicStage",
    "refuse_same_names",
]

DOWNSTREAM = "downstream"
"""From the link's server towards its client; on a replication link, the write-ahead log."""
UPSTREAM = "upstream"
STREAMS = (DOWNSTREAM, UPSTREAM)
NEVER_NS = 1 << 62
"""An instant that is never reached."""
_MOST = 1 << 53


class StreamMark(Enum):
    """An element of a stream other than bytes. It is the last that leaves a stage."""

    END = "end"
    """The sender ended its half of the connection."""
    CLOSE = "close"
    """A toxic closes the connection in order; bytes passed on before arrive."""
    RESET = "reset"
    """A toxic aborts the connection; both sides get a reset."""


StreamItem = bytes | StreamMark
StageStep = tuple[int, StreamItem]
"""An item, and the instant from which it may leave."""


class ToxicStage:
    """One toxic at work in one direction of one connection. The base class passes everything on at once."""

    buffer_bytes = 4 << 20
    """How many bytes it may hold before the sender has to wait."""
    separate = False
    """Whether its output is sent piece by piece rather than joined."""
    wakes_ns: int | None = None
    """The instant at which ``wake`` is to be called."""

    def take(self, now_ns: int, item: StreamItem) -> Iterable[StageStep]:
        """Return what becomes of an item that arrived at ``now_ns``. An instant earlier than a previous one is raised
        to that, which keeps the order.
        """
        return ((now_ns, item),)

    def wake(self, now_ns: int) -> Iterable[StageStep]:
        """Return what leaves at ``wakes_ns``, which it must advance or clear."""
        self.wakes_ns = None
        return ()

    def removed(self) -> StreamMark | None:
        """Return what follows the held bytes when the toxic is removed; ``None``: the connection goes on."""
        return None

    def inherit(self, old: ToxicStage) -> None:
        """Take over the counts of the stage that this one replaces after a change of the toxic's attributes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxic:
    """A toxic of a link. Raises ``UsageError`` for invalid values."""

    kind: ClassVar[str] = ""
    """Toxiproxy's name of the type."""
    attributes: ClassVar[Mapping[str, str]] = {}
    """Toxiproxy's names of the attributes, mapped to ours, which name the unit."""

    name: str = ""
    """By default ``<kind>_<stream>``."""
    stream: str = DOWNSTREAM
    toxicity: float = 1.0
    """The share of connections it acts on, drawn once per connection; 1 and more: all, as in Toxiproxy."""

    def __post_init__(self) -> None:
        if self.stream not in STREAMS:
            raise UsageError(f"{self.kind}: stream is {self.stream!r}. Expected one of {', '.join(STREAMS)}")
        if not self.name:
            object.__setattr__(self, "name", f"{self.kind}_{self.stream}")
        if not _is_number(self.toxicity) or self.toxicity < 0:
            raise UsageError(
                f"{self.name}: toxicity is {self.toxicity!r}. Expected the share of connections that it acts on, "
                "from 0 to 1 (all of them)"
            )
        for theirs, ours in self.attributes.items():
            value = getattr(self, ours)
            if not _is_number(value) or not 0 <= value <= _MOST:
                raise UsageError(
                    f"{self.name}: {theirs} is {value!r}. Expected a number of {_unit(ours)}, 0 or more ({ours})"
                )
        self.check()

    def check(self) -> None:
        """Check further conditions of the attributes. Raises ``UsageError``."""

    def stage(self, seed: Seed, now_ns: int) -> ToxicStage:
        """Return a stage for one direction of one connection that begins, or meets this toxic, at ``now_ns``."""
        raise NotImplementedError

    def hits(self, seed: Seed, link: str, connection: int) -> bool:
        """Return whether it acts on the link's ``connection``-th connection. A higher toxicity hits all connections of
        a lower one and more.
        """
        return self.toxicity >= 1 or seed.hits(self.toxicity, "toxicity", link, self.name, connection)

    def as_json(self) -> dict[str, Any]:
        """Return the toxic as Toxiproxy's interface shows it."""
        return {
            "attributes": {theirs: getattr(self, ours) for theirs, ours in self.attributes.items()},
            "name": self.name,
            "type": self.kind,
            "stream": self.stream,
            "toxicity": self.toxicity,
        }

    @classmethod
    def from_attributes(
        cls, values: Mapping[str, Any], *, name: str = "", stream: str = DOWNSTREAM, toxicity: float = 1.0
    ) -> Toxic:
        """Make a toxic from Toxiproxy's attribute names; missing ones are 0. Raises ``UsageError`` for an
        unknown one.
        """
        for theirs in values:
            if theirs not in cls.attributes:
                raise UnknownNameError(f"attribute of the toxic {cls.kind}", theirs, cls.attributes)
        ours = {own: values.get(theirs, 0) for theirs, own in cls.attributes.items()}
        return cls(name=name, stream=stream, toxicity=toxicity, **ours)


def refuse_same_names(link: str, toxics: Sequence[Toxic]) -> None:
    """Raise ``UsageError`` if two toxics of a link have the same name."""
    names = [toxic.name for toxic in toxics]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f'link {link}: two toxics are called "{name}". Give them names of their own')


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _unit(field: str) -> str:
    """Return the unit in words, from the end of the field's name."""
    ends = {"_ms": "milliseconds", "_us": "microseconds", "_bytes": "bytes", "_kb_per_s": "kilobytes a second"}
    return next((words for end, words in ends.items() if field.endswith(end)), "whole units")
