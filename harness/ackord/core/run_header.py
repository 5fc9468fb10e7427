"""Defines the header of a run: what is known of it before its first event, and what a judge needs beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .operation import Vantage
from .promises import Promises

__all__ = ["RunHeader"]


@dataclass(frozen=True, slots=True)
class RunHeader:
    """The header of a journal: what is known of a run before its first event."""

    contract: str
    profile: str
    subject: str
    """``provider``, ``integration`` or ``sandbox``."""
    vantage: Vantage
    """The vantage that is judged."""
    seed: int
    promises: Promises
    exposes: tuple[str, ...] = ()
    """Guarantees that the profile claims it can expose: without an exposure they are INCONCLUSIVE, not NOT_APPLICABLE.
    """
    requires: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Guarantee -> faults, one of which must have been proven effective; otherwise the guarantee is INCONCLUSIVE."""
    exposure_window_ns: int | None = None
    """A read counts as an exposure of visibility if it began this soon after the acknowledgement; ``None``: at any
    time.
    """
    started: str = ""
    """Civil time in UTC, for people."""
    command: str = ""
    """The command that repeats the run."""
    options: dict[str, Any] = field(default_factory=dict)
    """All other options that shaped the run: flaw, budget."""
    tool: str = ""
    """The version of Ackord that wrote it."""
    contract_sha256: str = ""
    """Of the bytes of the contract's file; empty where there is none."""
    profile_sha256: str = ""
    """Of the profile as it was run, as JSON with sorted keys."""

    def to_json(self) -> dict[str, Any]:
        return {
            "contract": self.contract,
            "profile": self.profile,
            "subject": self.subject,
            "vantage": self.vantage,
            "seed": self.seed,
            "promises": self.promises.to_json(),
            "exposes": list(self.exposes),
            "requires": {k: list(v) for k, v in self.requires.items()},
            "exposure_window_ns": self.exposure_window_ns,
            "started": self.started,
            "command": self.command,
            "options": self.options,
            "tool": self.tool,
            "contract_sha256": self.contract_sha256,
            "profile_sha256": self.profile_sha256,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> RunHeader:
        """The inverse of ``to_json``. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        return cls(
            **{
                **data,
                "vantage": Vantage(data["vantage"]),
                "promises": Promises.from_json(data["promises"]),
                "exposes": tuple(data["exposes"]),
                "requires": {k: tuple(v) for k, v in data["requires"].items()},
            }
        )
