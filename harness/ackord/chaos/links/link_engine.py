"""Defines the protocol of link engines; the embedded engine and a real Toxiproxy server implement it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .kinds.base import Toxic

__all__ = ["LOOPBACK", "LinkEngine", "LinkStats"]


LOOPBACK = ("127.0.0.1", 0)
"""A free port of this machine."""


@dataclass(frozen=True, slots=True)
class LinkStats:
    """Statistics of a link."""

    downstream_bytes: int
    upstream_bytes: int
    connections: int
    """Open connections."""
    accepted: int
    delayed_chunks: int
    dropped_bytes: int = 0
    """Bytes that toxics dropped."""
    closed_by_toxic: int = 0
    """Directions of connections that a toxic closed or reset."""


class LinkEngine(Protocol):
    """Makes links and puts toxics on them. Calls are safe from any thread, and complete when they return.

    They raise ``EnvironmentFailed`` if the engine fails, ``UsageError`` for invalid values and ``UnknownNameError`` for
    a link that was not opened here.
    """

    description: str
    """The engine's name in a report: "embedded engine", "Toxiproxy 2.12.0"."""

    def open_link(self, name: str, host: str, port: int, *, listen: tuple[str, int] = LOOPBACK) -> tuple[str, int]:
        """Open a link to a server. Return the address for clients.

        ``listen``: a numeric host and a port, 0 for a free one. An engine on another machine listens where it can.
        """
        ...

    def set_toxics(self, name: str, toxics: Sequence[Toxic]) -> None:
        """Replace all toxics of the link; an empty list heals it. Bytes that a removed toxic held leave at once, in
        order.
        """
        ...

    def set_cut(self, name: str, cut: bool) -> None:
        """Block all bytes in both directions without loss; afterwards they continue where they stopped."""
        ...

    def stats(self, name: str) -> LinkStats | None:
        """Return statistics; ``None`` if the engine does not count."""
        ...

    def close_link(self, name: str) -> None: ...

    def stop(self) -> None:
        """Close every link that was opened here. Safe to call twice."""
        ...
