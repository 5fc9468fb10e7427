"""Implements ``slow_close``: delays the end of a stream, but no bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ....core.clock import MS
from ....core.seed import Seed
from .base import StageStep, StreamItem, StreamMark, Toxic, ToxicStage

__all__ = ["SlowCloseToxic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowCloseToxic(Toxic):
    kind: ClassVar[str] = "slow_close"
    attributes: ClassVar[dict[str, str]] = {"delay": "delay_ms"}

    delay_ms: float = 0.0

    def stage(self, seed: Seed, now_ns: int) -> ToxicStage:
        return _SlowCloseStage(self)


class _SlowCloseStage(ToxicStage):
    def __init__(self, toxic: SlowCloseToxic) -> None:
        self._delay_ns = round(toxic.delay_ms * MS)

    def take(self, now_ns: int, item: StreamItem) -> Iterable[StageStep]:
        return ((now_ns + self._delay_ns if isinstance(item, StreamMark) else now_ns, item),)
