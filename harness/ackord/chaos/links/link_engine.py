"""What makes links: one protocol, two engines behind it, the embedded one and a real Toxiproxy server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .kinds.base import Toxic

__all__ = ["LinkEngine", "LinkStats"]


@dataclass(frozen=True, slots=True)
class LinkStats:
    """What passed a link so far."""

    downstream_bytes: int
    upstream_bytes: int
    connections: int
    """Open now."""
    accepted: int
    delayed_chunks: int
    dropped_bytes: int = 0
    """Swallowed by toxics."""
    closed_by_toxic: int = 0
    """Directions of connections that a toxic closed or reset."""


class LinkEngine(Protocol):
    """Makes links and puts toxics on them. Calls are safe from any thread, and done when they return.

    They raise ``EnvironmentFailed`` if the engine does not do it, ``UsageError`` for what makes no sense and ``UnknownNameError`` for a
    link that was not opened here.
    """

    words: str
    """The engine in a report: "embedded engine", "Toxiproxy 2.12.0"."""

    def open_link(self, name: str, host: str, port: int) -> tuple[str, int]:
        """A link to a server; return the address at which clients find it."""
        ...

    def set_toxics(self, name: str, toxics: Sequence[Toxic]) -> None:
        """Replace all toxics of the link; none heals it. What a removed toxic held back leaves at once, in order."""
        ...

    def set_cut(self, name: str, cut: bool) -> None:
        """No byte passes, in neither direction, and nothing is lost: mended, the bytes go on where they stopped."""
        ...

    def stats(self, name: str) -> LinkStats | None:
        """``None`` where the engine does not count."""
        ...

    def close_link(self, name: str) -> None: ...

    def stop(self) -> None:
        """Close every link that was opened here. Safe to call twice."""
        ...
