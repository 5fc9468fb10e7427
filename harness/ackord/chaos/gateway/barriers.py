"""Requests that wait at the gateway for one another: for a token, or for a barrier to be full. No sockets, no time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Barriers"]

ReleaseHold = Callable[[], None]
_TOKENS_REMEMBERED = 8192


class Barriers:
    """Who waits for what. A release is called once; time-outs are the caller's, who then ``leave``s."""

    def __init__(self, tokens_remembered: int = _TOKENS_REMEMBERED) -> None:
        self._remembered = tokens_remembered
        self._done: OrderedDict[str, None] = OrderedDict()
        self._waiting: dict[str, list[ReleaseHold]] = {}
        self._barriers: dict[str, list[ReleaseHold]] = {}

    def wait(self, token: str, release: ReleaseHold) -> None:
        """Release when ``token`` is completed; at once if it was, not long ago."""
        if token in self._done:
            release()
        else:
            self._waiting.setdefault(token, []).append(release)

    def complete(self, token: str) -> None:
        """Let go all that wait for ``token``, in the order in which they came."""
        self._done[token] = None
        self._done.move_to_end(token)
        if len(self._done) > self._remembered:
            self._done.popitem(last=False)
        for release in self._waiting.pop(token, ()):
            release()

    def join(self, group: str, members: int, release: ReleaseHold) -> None:
        """Join a barrier; whoever makes it full lets all go together, and the group's name is free again."""
        held = self._barriers.setdefault(group, [])
        held.append(release)
        if len(held) >= members:
            del self._barriers[group]
            for each in held:
                each()

    def leave(self, name: str, release: ReleaseHold) -> None:
        """Wait no longer for the token or in the group ``name``."""
        for table in (self._waiting, self._barriers):
            held = table.get(name)
            if held is not None and release in held:
                held.remove(release)
                if not held:
                    del table[name]

    @property
    def held(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values())) + sum(map(len, self._barriers.values()))
