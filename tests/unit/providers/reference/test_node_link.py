"""A link says that its other end is gone, in whatever way it went."""

from __future__ import annotations

import socket

from ackord.providers.reference.node_link import received


def test_a_message_is_one_packet() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.send(b"one")
        ours.send(b"two")
        assert (received(theirs), received(theirs)) == (b"one", b"two")


def test_an_end_that_closed_and_one_that_died_with_unread_messages_are_gone() -> None:
    for unread in (b"", b"a question"):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            if unread:
                theirs.send(unread)
            ours.close()
            assert received(theirs) == b""
