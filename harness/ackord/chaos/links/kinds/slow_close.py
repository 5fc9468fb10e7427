"""``slow_close``: the end of a stream is passed on later; bytes are not delayed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ....core.clock import MS
from ....core.seed import Seed
from .base import Item, Mark, Stage, Step, Toxic

__all__ = ["SlowClose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowClose(Toxic):
    kind: ClassVar[str] = "slow_close"
    attributes: ClassVar[dict[str, str]] = {"delay": "delay_ms"}

    delay_ms: float = 0.0

    def stage(self, chance: Seed, now_ns: int) -> Stage:
        return _SlowClose(self)


class _SlowClose(Stage):
    def __init__(self, toxic: SlowClose) -> None:
        self._delay_ns = round(toxic.delay_ms * MS)

    def take(self, now_ns: int, item: Item) -> Iterable[Step]:
        return ((now_ns + self._delay_ns if isinstance(item, Mark) else now_ns, item),)
