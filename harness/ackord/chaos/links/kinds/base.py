"""What a toxic is: a value that says what happens to a link's bytes, and a stage that does it to one direction of one connection.

The kinds, their attributes and what they do are Toxiproxy's (its README, "Toxics"; looked at and compared with its server 2.12.0), each in a file of its own
under ``kinds/``. A stage is pure: it is told when an item arrived and says what leaves and from which instant; it asks no clock and
touches no socket. Whatever it draws is a hash of the seed, the link, the toxic's name, the connection's ordinal and its own count.
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
"""From the server that the link leads to, towards whoever connected: of a replication link, the write-ahead log."""
UPSTREAM = "upstream"
STREAMS = (DOWNSTREAM, UPSTREAM)
NEVER_NS = 1 << 62
"""An instant that does not come."""
_MOST = 1 << 53


class StreamMark(Enum):
    """What may stand in a stream besides bytes. It is the last that leaves a stage."""

    END = "end"
    """The sender ended its half of the connection."""
    CLOSE = "close"
    """A toxic closes the connection, in order: what was passed on arrives."""
    RESET = "reset"
    """A toxic tears the connection: both sides get a reset."""


StreamItem = bytes | StreamMark
StageStep = tuple[int, StreamItem]
"""An item, and the instant from which it may leave."""


class ToxicStage:
    """One toxic at work in one direction of one connection. This one passes everything on as it comes."""

    buffer_bytes = 4 << 20
    """How much it may hold before the sender has to wait."""
    separate = False
    """Whether what leaves is to be sent piece by piece rather than joined."""
    wakes_ns: int | None = None
    """The instant in which it acts by itself (``wake``)."""

    def take(self, now_ns: int, item: StreamItem) -> Iterable[StageStep]:
        """What becomes of an item that arrived at ``now_ns``. Instants earlier than one already given are raised to that: order is kept."""
        return ((now_ns, item),)

    def wake(self, now_ns: int) -> Iterable[StageStep]:
        """What leaves at ``wakes_ns``, which must be moved on or taken back."""
        self.wakes_ns = None
        return ()

    def removed(self) -> StreamMark | None:
        """What follows the bytes it held when the toxic is taken away; ``None``: the connection goes on."""
        return None

    def inherit(self, old: ToxicStage) -> None:
        """Take over what was counted by the stage that this one replaces, after its toxic's attributes were changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxic:
    """A toxic of a link. ``UsageError`` for values that make no sense."""

    kind: ClassVar[str] = ""
    """Toxiproxy's name of the type."""
    attributes: ClassVar[Mapping[str, str]] = {}
    """Toxiproxy's names of the attributes, and ours, which say the unit."""

    name: str = ""
    """By default ``<kind>_<stream>``."""
    stream: str = DOWNSTREAM
    toxicity: float = 1.0
    """The share of connections it acts on, drawn once for each connection."""

    def __post_init__(self) -> None:
        if self.stream not in STREAMS:
            raise UsageError(f"{self.kind}: stream is {self.stream!r}. Expected one of {', '.join(STREAMS)}")
        if not self.name:
            object.__setattr__(self, "name", f"{self.kind}_{self.stream}")
        if not _is_number(self.toxicity) or not 0 <= self.toxicity <= 1:
            raise UsageError(
                f"{self.name}: toxicity is {self.toxicity!r}. Expected the share of connections that it acts on, from 0 to 1"
            )
        for theirs, ours in self.attributes.items():
            value = getattr(self, ours)
            if not _is_number(value) or not 0 <= value <= _MOST:
                raise UsageError(
                    f"{self.name}: {theirs} is {value!r}. Expected a number of {_unit(ours)}, 0 or more ({ours})"
                )
        self.check()

    def check(self) -> None:
        """What else must hold of the attributes. Raises ``UsageError``."""

    def stage(self, chance: Seed, now_ns: int) -> ToxicStage:
        """A stage of its own for one direction of one connection that begins, or meets this toxic, at ``now_ns``."""
        raise NotImplementedError

    def hits(self, seed: Seed, link: str, connection: int) -> bool:
        """Whether it acts on the link's ``connection``-th connection. A higher toxicity hits those of a lower one and more."""
        return self.toxicity >= 1 or seed.hits(self.toxicity, "toxicity", link, self.name, connection)

    def as_json(self) -> dict[str, Any]:
        """As Toxiproxy's interface shows it."""
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
        """Made from Toxiproxy's attribute names; those not given are 0. An unknown one is refused (``UsageError``)."""
        for theirs in values:
            if theirs not in cls.attributes:
                raise UnknownNameError(f"attribute of the toxic {cls.kind}", theirs, cls.attributes)
        ours = {own: values.get(theirs, 0) for theirs, own in cls.attributes.items()}
        return cls(name=name, stream=stream, toxicity=toxicity, **ours)


def refuse_same_names(link: str, toxics: Sequence[Toxic]) -> None:
    """Raises ``UsageError`` if two toxics of a link have one name: neither could be told from the other."""
    names = [toxic.name for toxic in toxics]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f'link {link}: two toxics are called "{name}". Give them names of their own')


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _unit(field: str) -> str:
    """In words, from the end of the field's name."""
    ends = {"_ms": "milliseconds", "_us": "microseconds", "_bytes": "bytes", "_kb_per_s": "kilobytes a second"}
    return next((words for end, words in ends.items() if field.endswith(end)), "whole units")
