"""Implements ``slicer``: sends a chunk in slices of about one size, with a pause after each.

A chunk is halved near the middle until its parts are small enough, so that small slices are not gathered at one end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from ....core.seed import Seed
from ....errors import UsageError
from .base import StageStep, StreamItem, StreamMark, Toxic, ToxicStage

__all__ = ["SlicerToxic"]

_US = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicerToxic(Toxic):
    kind: ClassVar[str] = "slicer"
    attributes: ClassVar[dict[str, str]] = {
        "average_size": "average_size_bytes",
        "size_variation": "size_variation_bytes",
        "delay": "delay_us",
    }

    average_size_bytes: int
    size_variation_bytes: int = 0
    """Maximal offset of a cut from the middle in either direction; at most the average size."""
    delay_us: float = 0.0

    def check(self) -> None:
        if self.average_size_bytes < 1:
            raise UsageError(f"{self.name}: average_size is {self.average_size_bytes}. Expected 1 byte or more")
        if self.size_variation_bytes > self.average_size_bytes:
            raise UsageError(
                f"{self.name}: size_variation is {self.size_variation_bytes}. Expected at most average_size, "
                f"which is {self.average_size_bytes}"
            )

    def stage(self, seed: Seed, now_ns: int) -> ToxicStage:
        return _SlicerStage(self, seed, now_ns)


class _SlicerStage(ToxicStage):
    buffer_bytes = 64 << 10
    separate = True

    def __init__(self, toxic: SlicerToxic, seed: Seed, now_ns: int) -> None:
        self._average = int(toxic.average_size_bytes)
        self._variation = int(toxic.size_variation_bytes)
        self._delay_ns = round(toxic.delay_us * _US)
        self._seed = seed
        self._cuts = 0
        self._free_ns = now_ns
        """When the pause after the last slice so far ends."""

    def take(self, now_ns: int, item: StreamItem) -> Iterable[StageStep]:
        at_ns = max(now_ns, self._free_ns)
        if isinstance(item, StreamMark):
            return ((at_ns, item),)
        steps: list[StageStep] = []
        for start, end in self._slices(0, len(item)):
            steps.append((at_ns, item[start:end]))
            at_ns += self._delay_ns
        self._free_ns = at_ns
        return steps

    def _slices(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        if end - start <= self._average + self._variation:
            yield start, end
            return
        middle = start + (end - start) // 2
        if self._variation:
            self._cuts += 1
            off = self._seed.pick(2 * self._variation, self._cuts) - self._variation
            middle = min(max(middle + off, start + 1), end - 1)
        yield from self._slices(start, middle)
        yield from self._slices(middle, end)

    def inherit(self, old: ToxicStage) -> None:
        if isinstance(old, _SlicerStage):
            self._cuts = old._cuts
