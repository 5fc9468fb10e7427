"""Resolves a host that the user allowed by name, such as a service beside a CI job, to an address of a private network.

It is resolved once and connected to by number, so that a name that changes its meaning leads nowhere else. Private are
the ranges of RFC 1918 and RFC 4193, and loopback; link-local addresses are not, for clouds serve credentials there.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection

from ...errors import EnvironmentFailed, UsageError

__all__ = ["is_allowed", "private_address"]

_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
)


def is_allowed(host: str, allowed: Collection[str]) -> bool:
    """Return whether ``host`` is one of the ``allowed`` names, which are compared as DNS compares them."""
    return _folded(host) in {_folded(name) for name in allowed}


def private_address(host: str) -> str:
    """Return the number of ``host``.

    Raises ``UsageError`` if it has an address that is not private, ``EnvironmentFailed`` if it has none at all.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EnvironmentFailed(
            f"the host {host} has no address here: {getattr(error, 'strerror', None) or error}.\n"
            "  mend: give the service this name on the job's network, and wait until it is up"
        ) from None
    numbers = sorted({str(entry[4][0]) for entry in found}, key=lambda number: (":" in number, number))
    for number in numbers:
        if not any(_address(number) in network for network in _PRIVATE):
            raise UsageError(
                f"--allow-host {host}: it resolves to {number}, which is no address of a private network.\n"
                "  expected: a service beside this job, at 10.x, 172.16.x to 172.31.x, 192.168.x or fc00::/7\n"
                "  mend: for a sandbox elsewhere, https and --remote"
            )
    return numbers[0]


def _address(number: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(number.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _folded(host: str) -> str:
    return host.rstrip(".").lower()
