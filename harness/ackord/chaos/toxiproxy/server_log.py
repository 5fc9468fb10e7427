"""Writes a server's log to a file descriptor and never waits: a log that nobody reads must not stop the server."""

from __future__ import annotations

import os
import select

__all__ = ["ServerLog"]

_MOST_BYTES = select.PIPE_BUF
"""A pipe that can be written to has room for so many bytes (poll(2), pipe(7)), so a write of no more never waits."""


class ServerLog:
    """A log of single lines. What cannot be written at once is dropped and counted."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)
        self.dropped = 0
        """Lines that were dropped since the last one that was written."""

    def __call__(self, line: str) -> None:
        """Write a line; its control characters are escaped."""
        if self.dropped:
            line = f"{line} ({self.dropped} earlier lines were dropped: the log was not read)"
        shown = "".join(character if character.isprintable() else repr(character)[1:-1] for character in line)
        data = shown.encode("utf-8", "backslashreplace")[: _MOST_BYTES - 1] + b"\n"
        try:
            if any(events & select.POLLOUT for _, events in self._poll.poll(0)):
                os.write(self._descriptor, data)
                self.dropped = 0
                return
        except OSError:  # a full disk, or a reader that is gone: there is nobody left to tell
            pass
        self.dropped += 1
