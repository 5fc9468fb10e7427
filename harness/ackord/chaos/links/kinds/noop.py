"""Implements ``noop``, which passes everything on; it exists because Toxiproxy has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ....core.seed import Seed
from .base import Toxic, ToxicStage

__all__ = ["NoopToxic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoopToxic(Toxic):
    kind: ClassVar[str] = "noop"

    def stage(self, seed: Seed, now_ns: int) -> ToxicStage:
        return ToxicStage()
