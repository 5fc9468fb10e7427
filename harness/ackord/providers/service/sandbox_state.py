"""Keep what merchants have asked of a sandbox: the triggers that headers pulled, and how far its clock was moved on."""

from __future__ import annotations

from ...core.recent_dict import MOST_REMEMBERED, RecentDict

__all__ = ["SandboxState"]


class SandboxState:
    """The state of one node's sandbox. A restart forgets it."""

    def __init__(self) -> None:
        self.pulled: RecentDict[tuple[str, str], str] = RecentDict(MOST_REMEMBERED)
        """Triggers that a request's headers pulled, by account and order number."""
        self.ahead_s = 0
        """How far the sandbox's clock is ahead, in seconds."""

    def advance(self, by_s: int, *, relative: bool = True) -> None:
        """Move the clock on; never back. ``relative``: by so much more, else to so much in all."""
        self.ahead_s = max(self.ahead_s, self.ahead_s + by_s if relative else by_s)
