"""Implements ``reset_peer``: drops the bytes of its direction and resets both sides a fixed time after the first of
them (or the end).

Toxiproxy 2.12 resets only connections that were made while the toxic was there and closes older ones in order; this one
resets all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ....core.clock import MS
from ....core.seed import Seed
from .base import StageStep, StreamItem, StreamMark, Toxic, ToxicStage

__all__ = ["ResetPeerToxic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPeerToxic(Toxic):
    kind: ClassVar[str] = "reset_peer"
    attributes: ClassVar[dict[str, str]] = {"timeout": "timeout_ms"}

    timeout_ms: float = 0.0

    def stage(self, seed: Seed, now_ns: int) -> ToxicStage:
        return _ResetPeerStage(self)


class _ResetPeerStage(ToxicStage):
    def __init__(self, toxic: ResetPeerToxic) -> None:
        self._timeout_ns = round(toxic.timeout_ms * MS)

    def take(self, now_ns: int, item: StreamItem) -> Iterable[StageStep]:
        return ((now_ns + self._timeout_ns, StreamMark.RESET),)
