"""``limit_data``: after so many bytes, counted from when a connection met the toxic, the connection is closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ....core.seed import Seed
from .base import Item, Mark, Stage, Step, Toxic

__all__ = ["LimitData"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitData(Toxic):
    kind: ClassVar[str] = "limit_data"
    attributes: ClassVar[dict[str, str]] = {"bytes": "limit_bytes"}

    limit_bytes: int = 0

    def stage(self, chance: Seed, now_ns: int) -> Stage:
        return _LimitData(self)


class _LimitData(Stage):
    def __init__(self, toxic: LimitData) -> None:
        self._limit = int(toxic.limit_bytes)
        self._passed = 0

    def take(self, now_ns: int, item: Item) -> Iterable[Step]:
        if isinstance(item, Mark):
            return ((now_ns, item),)
        left = max(0, self._limit - self._passed)
        piece = item[:left]
        self._passed += len(piece)
        steps: list[Step] = [(now_ns, piece)] if piece else []
        if self._passed >= self._limit:
            steps.append((now_ns, Mark.CLOSE))
        return steps

    def inherit(self, old: Stage) -> None:
        if isinstance(old, _LimitData):
            self._passed = old._passed
