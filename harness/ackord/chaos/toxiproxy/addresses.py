"""Parses ``host:port`` as Toxiproxy does, with its error texts."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket

__all__ = ["AddressError", "dial_address", "dial_error", "is_loopback", "join", "listen_error", "resolve", "split"]

_SERVICES = {
    "domain": 53,
    "ftp": 21,
    "ftps": 990,
    "gopher": 70,
    "http": 80,
    "https": 443,
    "imap2": 143,
    "imap3": 220,
    "imaps": 993,
    "pop3": 110,
    "pop3s": 995,
    "smtp": 25,
    "submissions": 465,
    "ssh": 22,
    "telnet": 23,
}
"""The service names that Go's ``net`` knows even where there is no ``/etc/services``, as in a slim container."""

RESOLVE_LIMIT_S = 2.0
"""How long a name may take. It is this machine's own, as a proxy listens on it, and every other change waits."""


class AddressError(Exception):
    """An unusable address; the text is Toxiproxy's."""


def split(address: str) -> tuple[str, int]:
    """Return host, which may be empty, and port: a number, or a service's name as in ``/etc/services``; 0 if none
    follows the colon. Raises ``AddressError``.
    """
    host, colon, port = address.rpartition(":")
    if address.startswith("["):
        end = address.find("]")
        if end < 0:
            raise AddressError(f"address {address}: missing ']' in address")
        if end + 1 == len(address):
            raise AddressError(f"address {address}: missing port in address")
        host = address[1:end]
    elif not colon:
        raise AddressError(f"address {address}: missing port in address")
    elif ":" in host:
        raise AddressError(f"address {address}: too many colons in address")
    if not port:
        return host, 0
    digits = port.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return host, _service(port)
    if len(digits) > 5 or not 0 <= int(port) < 65536:
        raise AddressError(f"address {port}: invalid port")
    return host, int(port)


def _service(name: str) -> int:
    try:
        return socket.getservbyname(name.lower(), "tcp")
    except (OSError, ValueError):  # ValueError: no name at all, such as one with a NUL
        port = _SERVICES.get(name.lower())
    if port is None:
        raise AddressError(f"lookup tcp/{name}: unknown port")
    return port


def dial_address(address: str) -> tuple[str, int]:
    """Return where to connect to; an address without a host means this machine. Raises ``AddressError``."""
    host, port = split(address)
    return host or "localhost", port


def dial_error(address: str, error: Exception) -> str:
    """Return why no connection could be made to an upstream, as Toxiproxy logs it."""
    if isinstance(error, AddressError):
        return f"dial tcp: {error}"
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror):
        return f"dial tcp {address}: connect: {_words(error)}"
    return f"dial tcp: lookup {split(address)[0]}: no such host"


async def resolve(address: str) -> tuple[str, int]:
    """Split the address and resolve its host, to IPv4 if it has one. An empty host stays empty.

    Raises ``AddressError``, also for a name that no server tells within ``RESOLVE_LIMIT_S``.
    """
    host, port = split(address)
    if not host:
        return host, port
    try:
        async with asyncio.timeout(RESOLVE_LIMIT_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise AddressError(f"lookup {host}: i/o timeout") from None
    except (OSError, ValueError):  # ValueError: no name at all, such as one with a NUL
        raise AddressError(f"lookup {host}: no such host") from None
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return str(found[0][4][0]), port


def join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Return whether a numeric address is a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen_error(address: str, error: OSError) -> str:
    """Return why a port cannot be listened on."""
    return f"listen tcp {address}: bind: {_words(error)}"


def _words(error: OSError) -> str:
    words = os.strerror(error.errno) if error.errno else str(error)
    return f"{words[:1].lower()}{words[1:]}"
