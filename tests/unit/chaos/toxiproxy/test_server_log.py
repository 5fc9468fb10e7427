"""The server's log: it never waits, and says how much it dropped."""

from __future__ import annotations

import fcntl
import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ackord.chaos.toxiproxy.server_log import ServerLog


@contextmanager
def piped() -> Iterator[tuple[ServerLog, int]]:
    """A log and the end at which it is read."""
    reading, writing = os.pipe()
    try:
        yield ServerLog(writing), reading
    finally:
        os.close(reading)
        os.close(writing)


def test_a_line_is_a_line() -> None:
    with piped() as (log, reading):
        log("one")
        log("two\nlines, \x1b[31mred\ud800")
        assert os.read(reading, 999) == b"one\ntwo\\nlines, \\x1b[31mred\\ud800\n"


def test_a_full_pipe_drops_lines_and_the_next_line_says_so() -> None:
    with piped() as (log, reading):
        room = fcntl.fcntl(reading, fcntl.F_GETPIPE_SZ)
        for _ in range(2 * room // 1000):
            log("x" * 999)
        dropped = log.dropped
        assert dropped > 0
        while select.select([reading], [], [], 0)[0]:
            os.read(reading, room)
        log("again")
        assert os.read(reading, 999).decode() == (
            f"again ({dropped} earlier lines were dropped: the log was not read)\n"
        )
        assert log.dropped == 0


def test_a_line_that_is_too_long_is_cut() -> None:
    with piped() as (log, reading):
        log("x" * 100_000)
        assert os.read(reading, 200_000) == b"x" * (select.PIPE_BUF - 1) + b"\n"


def test_a_full_disk_is_nobody_s_end() -> None:
    with Path("/dev/full").open("w") as full:
        log = ServerLog(full.fileno())
        log("lost")
        assert log.dropped == 1
