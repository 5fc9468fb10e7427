"""Collects queries in windows and releases each window in another order. Uses no sockets and no clock."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["ReorderBuffers"]

ReleaseQuery = Callable[[int, int], None]
"""Called with the position of arrival and the position of departure, both from 1."""


class ReorderBuffers:
    """Open windows by name. The caller keeps the time, and calls ``open`` for a window that did not fill."""

    def __init__(
        self, run: Callable[[ReleaseQuery, int, int], None] = lambda release, came, left: release(came, left)
    ) -> None:
        """``run`` carries out a release: at once, or later where the time stands still in between."""
        self._run = run
        self._windows: dict[str, tuple[int, list[tuple[int, ReleaseQuery]]]] = {}
        self._count = 0

    def join(self, name: str, size: int, rank: int, release: ReleaseQuery) -> int:
        """Add a query to the window ``name``; the query that fills the window releases all.

        Returns the number of the window if it is new, else 0.
        """
        window = self._windows.get(name)
        begun = 0
        if window is None:
            self._count += 1
            begun = self._count
            window = self._windows[name] = (begun, [])
        number, members = window
        members.append((rank, release))
        if len(members) >= size:
            self.open(name, number)
        return begun

    def open(self, name: str, number: int) -> None:
        """Release all queries of the window ``name`` if its number is still ``number``.

        The smallest rank goes first, but never in the order of arrival unless there is only one query.
        """
        window = self._windows.get(name)
        if window is None or window[0] != number:
            return
        del self._windows[name]
        members = window[1]
        came = list(range(len(members)))
        leave = sorted(came, key=lambda at: (members[at][0], at))
        if leave == came:
            leave.reverse()
        for place, at in enumerate(leave, 1):
            self._run(members[at][1], at + 1, place)

    def leave(self, name: str, release: ReleaseQuery) -> None:
        """Wait no longer."""
        window = self._windows.get(name)
        if window is not None:
            window[1][:] = [member for member in window[1] if member[1] != release]

    @property
    def held(self) -> int:
        """Number of waiting queries."""
        return sum(len(members) for _, members in self._windows.values())
