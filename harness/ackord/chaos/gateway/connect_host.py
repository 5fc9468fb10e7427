"""Reads which host a proxy is asked for, or is to serve."""

from __future__ import annotations

from ...errors import UsageError

__all__ = ["authority"]

_HTTPS = 443


def authority(text: str) -> tuple[str, int]:
    """Split ``host:port`` (443 if it is left out); the host is in lower case. Raises ``UsageError``."""
    host, _, port = text.strip().rpartition(":") if ":" in text else (text.strip(), "", str(_HTTPS))
    host = host.lower().removesuffix(".")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536 or set(host) & set("/@ []"):
        raise UsageError(f"{text!r} is no host. Expected a name such as api.example.com, or api.example.com:8443")
    return host, int(port)
