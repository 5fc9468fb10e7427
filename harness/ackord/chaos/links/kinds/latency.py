"""Implements ``latency``: every chunk is delayed by the same time, plus or minus the jitter.

The delay counts from a chunk's arrival, so the delays of chunks in quick succession do not add up. The end of a stream
waits only for the chunks before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ....core.clock import MS
from ....core.seed import Seed
from .base import StageStep, StreamItem, StreamMark, Toxic, ToxicStage

__all__ = ["LatencyToxic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyToxic(Toxic):
    kind: ClassVar[str] = "latency"
    attributes: ClassVar[dict[str, str]] = {"latency": "latency_ms", "jitter": "jitter_ms"}

    latency_ms: float = 0.0
    jitter_ms: float = 0.0
    """Each chunk's latency varies by up to this much in either direction."""

    def stage(self, seed: Seed, now_ns: int) -> ToxicStage:
        return _LatencyStage(self, seed)


class _LatencyStage(ToxicStage):
    # As much as Toxiproxy holds (1,024 chunks of 32 KiB): what it holds is what it passes on in one latency, so a
    # smaller buffer would be a limit of the bandwidth.
    buffer_bytes = 32 << 20

    def __init__(self, toxic: LatencyToxic, seed: Seed) -> None:
        self._toxic = toxic
        self._seed = seed
        self._chunks = 0

    def take(self, now_ns: int, item: StreamItem) -> Iterable[StageStep]:
        if isinstance(item, StreamMark):
            return ((now_ns, item),)
        self._chunks += 1
        latency_ms = self._toxic.latency_ms
        jitter_ms = self._toxic.jitter_ms
        if jitter_ms:
            latency_ms = max(0.0, latency_ms + self._seed.between(-jitter_ms, jitter_ms, self._chunks))
        return ((now_ns + round(latency_ms * MS), item),)

    def inherit(self, old: ToxicStage) -> None:
        if isinstance(old, _LatencyStage):
            self._chunks = old._chunks
