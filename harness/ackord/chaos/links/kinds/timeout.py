"""Implements ``timeout``: drops every byte, and closes the connection when nothing arrived for the given time; 0: only
when the toxic is removed.

Removing it closes the connections that it acted on, because bytes are missing. As in Toxiproxy 2.12, each chunk that
arrives restarts the time, although its documentation does not say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ....core.clock import MS
from ....core.seed import Seed
from .base import StageStep, StreamItem, StreamMark, Toxic, ToxicStage

__all__ = ["TimeoutToxic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeoutToxic(Toxic):
    kind: ClassVar[str] = "timeout"
    attributes: ClassVar[dict[str, str]] = {"timeout": "timeout_ms"}

    timeout_ms: float = 0.0

    def stage(self, seed: Seed, now_ns: int) -> ToxicStage:
        return _TimeoutStage(self, now_ns)


class _TimeoutStage(ToxicStage):
    def __init__(self, toxic: TimeoutToxic, now_ns: int) -> None:
        self._timeout_ns = round(toxic.timeout_ms * MS)
        self._start(now_ns)

    def _start(self, now_ns: int) -> None:
        self.wakes_ns = now_ns + self._timeout_ns if self._timeout_ns else None

    def take(self, now_ns: int, item: StreamItem) -> Iterable[StageStep]:
        if isinstance(item, StreamMark):
            return ((now_ns, item),)
        self._start(now_ns)
        return ()

    def wake(self, now_ns: int) -> Iterable[StageStep]:
        self.wakes_ns = None
        return ((now_ns, StreamMark.CLOSE),)

    def removed(self) -> StreamMark | None:
        return StreamMark.CLOSE
