"""Implements ``down``: the port is closed with all its connections, and new connections are refused.

Toxiproxy has no toxic of this name. There a proxy is disabled; a link with this toxic is disabled too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ....core.seed import Seed
from ....errors import UsageError
from .base import Toxic, ToxicStage

__all__ = ["DownToxic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DownToxic(Toxic):
    kind: ClassVar[str] = "down"

    def check(self) -> None:
        if self.toxicity != 1:
            raise UsageError("down: toxicity is not for it: it acts on the port, so on every connection")

    def stage(self, seed: Seed, now_ns: int) -> ToxicStage:
        return ToxicStage()
