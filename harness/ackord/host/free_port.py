"""Finds a port for a server that cannot choose one itself, such as PostgreSQL.

Another process may take the port before the server does. So it is looked for outside the range from which the kernel
gives ports to outgoing connections, which are by far the most that could take it; and a process reserves what it found
by a lock on a file, which others of the same user that look for ports respect.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import socket
import tempfile
from collections import deque
from pathlib import Path

from ..errors import EnvironmentFailed

__all__ = ["free_port"]

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 15_000
"""Below are the ports of well-known services."""
_USUAL_EPHEMERAL = 32_768
_STEP, _PROCESS_STEP = 61, 7919
"""Primes: processes with neighbouring numbers, which start together, look far from one another."""

_MOST_RESERVED = 64
"""A process that looks for more ports has started its first servers long since."""

_looks = itertools.count()
_reserved: deque[int] = deque()
"""Descriptors of the locked files; the lock ends with the process, however that ends."""


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port of ``host`` that is free now. Raises ``EnvironmentFailed`` if there is none."""
    ports = range(_LOWEST, _first_ephemeral())
    for look in itertools.islice(_looks, len(ports)):
        port = ports[(os.getpid() * _PROCESS_STEP + look * _STEP) % len(ports)] if ports else 0
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
        if _reserve(port):
            return port
    raise EnvironmentFailed(f"no port from {_LOWEST} on is free on {host}")


def _reserve(port: int) -> bool:
    """Return whether no other process has reserved the port; where files cannot be locked, none has."""
    folder = Path(tempfile.gettempdir()) / f"ackord-ports-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(folder / str(port), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        return not isinstance(error, BlockingIOError)
    _reserved.append(lock)
    if len(_reserved) > _MOST_RESERVED:
        os.close(_reserved.popleft())
    return True


def _first_ephemeral() -> int:
    try:
        first = int(_EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return _USUAL_EPHEMERAL
    return first if first > _LOWEST + 1000 else _USUAL_EPHEMERAL
