"""Divides a campaign into shards that run apart and are merged afterwards.

The division is a function of the campaign's profiles and seed alone, so that every machine makes the same one. Several
profiles are dealt out in turn; a single profile is run by every shard with a seed of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .seed import Seed

__all__ = ["Shard", "shard_numbers"]

_WRITTEN = re.compile(r"([0-9]{1,4})/([0-9]{1,4})\Z")


def shard_numbers(text: str) -> tuple[int, int]:
    """Return ``(2, 5)`` for ``2/5``. Raises ``ValueError`` for anything but a number from 1 to the count."""
    match = _WRITTEN.match(text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ValueError("expected the number of the shard and the number of all shards, such as 2/5")
    return int(match[1]), int(match[2])


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard of a campaign, and what it has to know of the whole."""

    number: int
    """From 1 to ``count``."""
    count: int
    seed: int
    """The seed of the whole campaign."""
    profiles: tuple[str, ...]
    """The profiles of the whole campaign, in their sequence."""
    command: str
    """The command that runs the whole campaign in one piece."""

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @property
    def own_profiles(self) -> tuple[str, ...]:
        """Return the profiles that this shard runs; empty if there are more shards than profiles."""
        return self.profiles if len(self.profiles) == 1 else self.profiles[self.number - 1 :: self.count]

    @property
    def own_seed(self) -> int:
        """Return the seed with which it runs them: the campaign's, or, of a single profile, one of the shard's own."""
        if len(self.profiles) > 1 or self.number == 1:
            return self.seed
        return Seed(self.seed).derive("shard", self.number).value

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "shards_count": self.count,
            "seed": self.seed,
            "profiles": list(self.profiles),
            "command": self.command,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Shard:
        """The inverse of ``to_json``. Raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        number, count = shard_numbers(f"{data['number']}/{data['shards_count']}")
        return cls(number, count, int(data["seed"]), tuple(map(str, data["profiles"])), str(data["command"]))
