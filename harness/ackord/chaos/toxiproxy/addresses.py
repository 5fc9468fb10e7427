"""Parses ``host:port`` as Toxiproxy does, with its error texts."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket

__all__ = ["AddressError", "is_loopback", "join", "listen_error", "resolve", "split"]


class AddressError(Exception):
    """An unusable address; the text is Toxiproxy's."""


def split(address: str) -> tuple[str, int]:
    """Return host, which may be empty, and port (0 if none follows the colon). Raises ``AddressError``."""
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
        raise AddressError(f"lookup tcp/{port}: unknown port")
    if len(digits) > 5 or not 0 <= int(port) < 65536:
        raise AddressError(f"address {port}: invalid port")
    return host, int(port)


async def resolve(address: str) -> tuple[str, int]:
    """Split the address and resolve its host, to IPv4 if it has one. An empty host stays empty."""
    host, port = split(address)
    if not host:
        return host, port
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
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
    words = os.strerror(error.errno) if error.errno else str(error)
    return f"listen tcp {address}: bind: {words[:1].lower()}{words[1:]}"
