"""Decides when a fault is in force, as a pure function of the time since its arming.

The gateway, the run and the simulation share it.

    armed ──after_ms──> on ──for_ms──> off ... on again every_ms after it went on, until it is healed

With ``ramp_ms`` the fault's share grows linearly from zero to its full value over that time after it first went on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ...core.clock import MS

__all__ = ["ALWAYS", "Schedule"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """All in milliseconds. The default is in force from arming to healing."""

    after_ms: float = 0.0
    for_ms: float | None = None
    """How long it stays on; ``None``: until it is healed."""
    every_ms: float | None = None
    """From the begin of one outage to the begin of the next; ``None``: there is one only. At least ``for_ms``."""
    ramp_ms: float = 0.0

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for an outage that would come again before it ended, or without end."""
        if self.every_ms is not None and (self.every_ms <= 0 or self.every_ms < (self.for_ms or 0)):
            raise ValueError(f"every_ms is {self.every_ms:g}. Expected more than 0, and no less than for_ms")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Schedule:
        """The inverse of ``to_json``. Raises ``TypeError`` for a field that there is not."""
        return cls(**data)

    def to_json(self) -> dict[str, Any]:
        """The fields that differ from the default."""
        default = asdict(ALWAYS)
        return {name: value for name, value in asdict(self).items() if value != default[name]}

    def is_on(self, elapsed_ns: int) -> bool:
        """Whether the fault is in force ``elapsed_ns`` after its arming."""
        since_ns = elapsed_ns - round(self.after_ms * MS)
        if since_ns < 0:
            return False
        if self.every_ms is not None:
            since_ns %= round(self.every_ms * MS)
        return self.for_ms is None or since_ns < self.for_ms * MS

    def strength(self, elapsed_ns: int) -> float:
        """From 0 (off) to 1 (in full force): what the fault's share is to be multiplied by."""
        if not self.is_on(elapsed_ns):
            return 0.0
        if not self.ramp_ms:
            return 1.0
        return min(1.0, (elapsed_ns / MS - self.after_ms) / self.ramp_ms)

    def next_change_ns(self, elapsed_ns: int) -> int | None:
        """When after its arming the fault goes on or off next, strictly after ``elapsed_ns``; ``None``: never again."""
        first_ns = round(self.after_ms * MS)
        if elapsed_ns < first_ns:
            return first_ns
        if self.for_ms is None:
            return None
        length_ns = round(self.for_ms * MS)
        if self.every_ms is None:
            end_ns = first_ns + length_ns
            return end_ns if elapsed_ns < end_ns else None
        period_ns = round(self.every_ms * MS)
        begin_ns = elapsed_ns - (elapsed_ns - first_ns) % period_ns
        end_ns = begin_ns + length_ns
        return end_ns if elapsed_ns < end_ns else begin_ns + period_ns


ALWAYS = Schedule()
