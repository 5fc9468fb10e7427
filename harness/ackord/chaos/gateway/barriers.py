"""Holds requests at the gateway until a token is completed or a barrier is full. Uses no sockets and no clock."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Barriers"]

ReleaseHold = Callable[[], None]
_TOKENS_REMEMBERED = 8192


class Barriers:
    """The waiting requests. A release is called once. The caller keeps the time-outs and then calls ``leave``."""

    def __init__(
        self,
        tokens_remembered: int = _TOKENS_REMEMBERED,
        run: Callable[[ReleaseHold], None] = lambda release: release(),
    ) -> None:
        """``run`` carries out a release: at once, or later where the time stands still in between."""
        self._remembered = tokens_remembered
        self._run = run
        self._done: OrderedDict[str, None] = OrderedDict()
        self._waiting: dict[str, list[ReleaseHold]] = {}
        self._barriers: dict[str, list[ReleaseHold]] = {}

    def wait(self, token: str, release: ReleaseHold) -> None:
        """Call the release when ``token`` is completed, or at once if it was completed recently."""
        if token in self._done:
            self._run(release)
        else:
            self._waiting.setdefault(token, []).append(release)

    def complete(self, token: str) -> None:
        """Release all requests that wait for ``token``, in order of arrival."""
        self._done[token] = None
        self._done.move_to_end(token)
        if len(self._done) > self._remembered:
            self._done.popitem(last=False)
        for release in self._waiting.pop(token, ()):
            self._run(release)

    def join(self, group: str, members: int, release: ReleaseHold) -> None:
        """Join a barrier. The request that fills it releases all together, and frees the group's name."""
        held = self._barriers.setdefault(group, [])
        held.append(release)
        if len(held) >= members:
            del self._barriers[group]
            for each in held:
                self._run(each)

    def leave(self, name: str, release: ReleaseHold) -> None:
        """Stop waiting for the token or in the group ``name``."""
        for table in (self._waiting, self._barriers):
            held = table.get(name)
            if held is not None and release in held:
                held.remove(release)
                if not held:
                    del table[name]

    @property
    def held(self) -> int:
        """Number of waiting requests."""
        return sum(map(len, self._waiting.values())) + sum(map(len, self._barriers.values()))
