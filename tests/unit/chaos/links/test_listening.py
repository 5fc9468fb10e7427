"""Sockets that are bound: one address, or all of them, of IPv6 too."""

from __future__ import annotations

import errno
import socket

import pytest

from ackord.chaos.links import listening
from ackord.chaos.links.listening import bound_socket


def test_one_address_is_that_address() -> None:
    with bound_socket("127.0.0.1", 0) as bound:
        assert bound.family is socket.AF_INET
        assert bound.getsockname()[0] == "127.0.0.1"


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["", "0.0.0.0", "::"])
def test_every_address_is_both_families(host: str) -> None:
    with bound_socket(host, 0) as bound:
        assert bound.getsockname()[0] == "::"
        assert not bound.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)


def test_without_ipv6_every_address_is_of_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    bind = listening._bound

    def only_ipv4(family: int, where: tuple[object, ...]) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "no IPv6")
        return bind(family, where)

    monkeypatch.setattr(listening, "_bound", only_ipv4)
    with bound_socket("::", 0) as bound:
        assert bound.getsockname()[0] == "0.0.0.0"


def test_a_taken_port_is_an_error() -> None:
    with bound_socket("127.0.0.1", 0) as bound:
        bound.listen()
        with pytest.raises(OSError, match="in use"):
            bound_socket(*bound.getsockname()[:2])
