"""Implements ``limit_data``: closes the connection after a number of bytes, counted from when the connection met the
toxic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ....core.seed import Seed
from .base import StageStep, StreamItem, StreamMark, Toxic, ToxicStage

__all__ = ["LimitDataToxic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitDataToxic(Toxic):
    kind: ClassVar[str] = "limit_data"
    attributes: ClassVar[dict[str, str]] = {"bytes": "limit_bytes"}

    limit_bytes: int = 0

    def stage(self, seed: Seed, now_ns: int) -> ToxicStage:
        return _LimitDataStage(self)


class _LimitDataStage(ToxicStage):
    def __init__(self, toxic: LimitDataToxic) -> None:
        self._limit = int(toxic.limit_bytes)
        self._passed = 0

    def take(self, now_ns: int, item: StreamItem) -> Iterable[StageStep]:
        if isinstance(item, StreamMark):
            return ((now_ns, item),)
        left = max(0, self._limit - self._passed)
        piece = item[:left]
        self._passed += len(piece)
        steps: list[StageStep] = [(now_ns, piece)] if piece else []
        if self._passed >= self._limit:
            steps.append((now_ns, StreamMark.CLOSE))
        return steps

    def inherit(self, old: ToxicStage) -> None:
        if isinstance(old, _LimitDataStage):
            self._passed = old._passed
