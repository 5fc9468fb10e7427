"""When a chunk that arrived at a link may leave it: latency, jitter and bandwidth as a pure function of arrivals.

Latency counts from a chunk's arrival, so chunks that follow one another closely are each late by the same time and it does not add
up. Order is kept: a chunk never leaves before the one that arrived before it, whatever jitter or a lowered latency would say.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...core.clock import MS, SECOND
from ...core.seed import Seed
from ...errors import UsageError

__all__ = ["DIRECTIONS", "DOWNSTREAM", "UPSTREAM", "Shape", "Shaper"]

DOWNSTREAM = "downstream"
"""From the server that the link leads to, towards whoever connected: of a replication link, the write-ahead log."""
UPSTREAM = "upstream"
DIRECTIONS = (DOWNSTREAM, UPSTREAM, "both")
_PIECE_MS = 5
_SMALLEST_PIECE_BYTES = 512


@dataclass(frozen=True, slots=True)
class Shape:
    """What a link does to bytes. The defaults do nothing."""

    latency_ms: float = 0.0
    jitter_ms: float = 0.0
    """The latency of each chunk is off by up to this much, either way, by a hash of the seed and the chunk's ordinal."""
    bandwidth_kib_per_s: float | None = None
    cut: bool = False
    """No byte passes, in neither direction, and no end of a connection is told; nothing is lost."""
    seed: int = 0
    direction: str = DOWNSTREAM
    """Which way latency, jitter and bandwidth apply."""

    def __post_init__(self) -> None:
        for name in ("latency_ms", "jitter_ms"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value <= 3_600_000:
                raise UsageError(f"link: {name} is {value!r}. Expected milliseconds from 0 to 3600000")
        bandwidth = self.bandwidth_kib_per_s
        if bandwidth is not None and not (isinstance(bandwidth, int | float) and bandwidth > 0):
            raise UsageError(
                f"link: bandwidth_kib_per_s is {bandwidth!r}. Expected a number above 0; to stop all bytes, cut"
            )
        if self.direction not in DIRECTIONS:
            raise UsageError(f"link: direction is {self.direction!r}. Expected one of {', '.join(DIRECTIONS)}")

    def applies(self, direction: str) -> bool:
        return self.direction in (direction, "both")


class Shaper:
    """One direction of one connection."""

    def __init__(self, connection: int, direction: str) -> None:
        self._key = (connection, direction)
        self._direction = direction
        self._chunks = 0
        self._free_ns = 0
        """When the last byte so far will have passed the bandwidth's bottleneck."""
        self._last_ns = 0
        self.set_shape(Shape())

    def set_shape(self, shape: Shape) -> None:
        """Of chunks that arrive from now on."""
        active = shape.applies(self._direction)
        self._latency_ms = shape.latency_ms if active else 0.0
        self._jitter_ms = shape.jitter_ms if active else 0.0
        bandwidth = shape.bandwidth_kib_per_s if active else None
        self._bytes_per_s = bandwidth * 1024 if bandwidth is not None else None
        self._seed = Seed(shape.seed)

    @property
    def piece_bytes(self) -> int | None:
        """Into pieces of which size a chunk is to be cut, so that a narrow link flows instead of gushing; ``None``: not at all."""
        if self._bytes_per_s is None:
            return None
        return max(_SMALLEST_PIECE_BYTES, int(self._bytes_per_s * _PIECE_MS / 1000))

    def release_ns(self, arrival_ns: int, size_bytes: int) -> int:
        """The instant from which the next chunk may leave."""
        self._chunks += 1
        latency_ms = self._latency_ms
        if self._jitter_ms:
            off_ms = self._seed.between(-self._jitter_ms, self._jitter_ms, "link", *self._key, self._chunks)
            latency_ms = max(0.0, latency_ms + off_ms)
        passed_ns = arrival_ns
        if self._bytes_per_s is not None:
            passed_ns = self._free_ns = max(arrival_ns, self._free_ns) + round(size_bytes / self._bytes_per_s * SECOND)
        self._last_ns = max(self._last_ns, passed_ns + round(latency_ms * MS))
        return self._last_ns
