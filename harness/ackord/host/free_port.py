"""Finds a port for a server that cannot choose one itself, such as PostgreSQL.

Another process may take the port before the server does. So it is looked for outside the range from which the kernel
gives ports to outgoing connections, which are by far the most that could take it, and each process looks elsewhere.
"""

from __future__ import annotations

import itertools
import os
import socket
from pathlib import Path

from ..errors import EnvironmentFailed

__all__ = ["free_port"]

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 15_000
"""Below are the ports of well-known services."""
_USUAL_EPHEMERAL = 32_768
_STEP, _PROCESS_STEP = 61, 7919
"""Primes: processes with neighbouring numbers, which start together, look far from one another."""

_looks = itertools.count()


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
            return int(probe.getsockname()[1])
    raise EnvironmentFailed(f"no port from {_LOWEST} on is free on {host}")


def _first_ephemeral() -> int:
    try:
        first = int(_EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return _USUAL_EPHEMERAL
    return first if first > _LOWEST + 1000 else _USUAL_EPHEMERAL
