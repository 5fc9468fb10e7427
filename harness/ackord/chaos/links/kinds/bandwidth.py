"""Implements ``bandwidth``: a limit in kilobytes (1,000 bytes) a second; at a rate of 0 nothing passes, and nothing is
lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ....core.clock import SECOND
from ....core.seed import Seed
from .base import NEVER_NS, StageStep, StreamItem, StreamMark, Toxic, ToxicStage

__all__ = ["BandwidthToxic"]

_PIECE_S = 0.005
_SMALLEST_PIECE_BYTES = 64
"""A narrow link sends pieces of some 5 ms instead of bursts, but not single bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BandwidthToxic(Toxic):
    kind: ClassVar[str] = "bandwidth"
    attributes: ClassVar[dict[str, str]] = {"rate": "rate_kb_per_s"}

    rate_kb_per_s: float = 0.0

    def stage(self, seed: Seed, now_ns: int) -> ToxicStage:
        return _BandwidthStage(self, now_ns)


class _BandwidthStage(ToxicStage):
    buffer_bytes = 64 << 10  # a bottleneck that took everything at once would not be felt by the sender

    def __init__(self, toxic: BandwidthToxic, now_ns: int) -> None:
        self._bytes_per_s = toxic.rate_kb_per_s * 1000
        self._free_ns = now_ns
        """When the last byte so far will have passed."""

    def take(self, now_ns: int, item: StreamItem) -> Iterable[StageStep]:
        if isinstance(item, StreamMark):
            return ((now_ns, item),)
        rate = self._bytes_per_s
        if not rate:
            return ((NEVER_NS, item),)
        size = max(_SMALLEST_PIECE_BYTES, int(rate * _PIECE_S))
        steps: list[StageStep] = []
        free_ns = max(now_ns, self._free_ns)
        for start in range(0, len(item), size):
            piece = item[start : start + size]
            free_ns += round(len(piece) / rate * SECOND)
            steps.append((free_ns, piece))
        self._free_ns = free_ns
        return steps
