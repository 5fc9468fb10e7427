"""Name a node of a provider, and hold what its service works with."""

from __future__ import annotations

from typing import NamedTuple

from ...core.clock import Clock, WallClock
from ...core.seed import Seed
from .bank_channel import BankChannel
from .behavior import ProviderBehavior
from .provider_store import ProviderStore

__all__ = ["NodeIdentity"]


class NodeIdentity(NamedTuple):
    """Name a node and hold what its service works with."""

    name: str
    boot: int
    """0 for the first start; each restart counts one up, so that ids are never given twice."""
    seed: Seed
    clock: Clock
    wall: WallClock
    """What it takes for the time of day. No rule of the correct provider depends on it."""
    store: ProviderStore
    channel: BankChannel
    behavior: ProviderBehavior = ProviderBehavior()
