"""Receives messages between the supervisor, its fork server and the nodes; one message is one packet."""

from __future__ import annotations

import socket

__all__ = ["received"]

_LARGEST_MESSAGE = 1 << 16


def received(link: socket.socket) -> bytes:
    """Return the next message; empty if the other end is gone.

    An end that dies before it read all that it was sent resets the link: that is no error of the one who listens.
    """
    try:
        return link.recv(_LARGEST_MESSAGE)
    except ConnectionError:
        return b""
