"""Binds the sockets on which links and servers listen."""

from __future__ import annotations

import errno
import socket

__all__ = ["WILDCARDS", "bound_socket"]

WILDCARDS = ("", "0.0.0.0", "::")
"""Hosts that mean every address of the machine."""
_NO_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to a numeric address and does not listen yet. Raises ``OSError``.

    Each of ``WILDCARDS`` takes IPv4 and IPv6 alike, as Go's ``net.Listen("tcp", ...)`` does; IPv4 alone where the
    machine has no IPv6.
    """
    if host not in WILDCARDS:
        family, _, _, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICHOST
        )[0]
        return _bound(family, where)
    try:
        return _bound(socket.AF_INET6, ("::", port))
    except OSError as error:
        if error.errno not in _NO_IPV6:
            raise
    return _bound(socket.AF_INET, ("0.0.0.0", port))


def _bound(family: int, where: tuple[object, ...]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if where[0] == "::":
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        bound.bind(where)
    except BaseException:
        bound.close()
        raise
    return bound
