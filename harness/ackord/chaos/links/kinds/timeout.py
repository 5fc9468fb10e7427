"""``timeout``: every byte is dropped, and the connection is closed once nothing arrived for so long; 0: not until the toxic is removed.

Removing it closes the connections that it acted on: bytes are missing, so nothing sensible can follow. As in Toxiproxy 2.12, each chunk
that arrives starts the time anew, though its documentation does not say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ....core.clock import MS
from ....core.seed import Seed
from .base import Item, Mark, Stage, Step, Toxic

__all__ = ["Timeout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout(Toxic):
    kind: ClassVar[str] = "timeout"
    attributes: ClassVar[dict[str, str]] = {"timeout": "timeout_ms"}

    timeout_ms: float = 0.0

    def stage(self, chance: Seed, now_ns: int) -> Stage:
        return _Timeout(self, now_ns)


class _Timeout(Stage):
    def __init__(self, toxic: Timeout, now_ns: int) -> None:
        self._timeout_ns = round(toxic.timeout_ms * MS)
        self._start(now_ns)

    def _start(self, now_ns: int) -> None:
        self.wakes_ns = now_ns + self._timeout_ns if self._timeout_ns else None

    def take(self, now_ns: int, item: Item) -> Iterable[Step]:
        if isinstance(item, Mark):
            return ((now_ns, item),)
        self._start(now_ns)
        return ()

    def wake(self, now_ns: int) -> Iterable[Step]:
        self.wakes_ns = None
        return ((now_ns, Mark.CLOSE),)

    def removed(self) -> Mark | None:
        return Mark.CLOSE
