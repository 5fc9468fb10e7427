"""Addresses as Toxiproxy takes them; every text of an error here was seen from its server."""

from __future__ import annotations

import asyncio
import errno
import socket

import pytest

from ackord.chaos.toxiproxy import addresses
from ackord.chaos.toxiproxy.addresses import (
    AddressError,
    dial_address,
    dial_error,
    is_loopback,
    join,
    listen_error,
    resolve,
    split,
)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:80", ("::1", 80)),
        (":0", ("", 0)),
        ("host:", ("host", 0)),
        ("host:http", ("host", 80)),
        ("host:HTTPS", ("host", 443)),
    ],
)
def test_host_and_port(address: str, parts: tuple[str, int]) -> None:
    assert split(address) == parts


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("127.0.0.1", "address 127.0.0.1: missing port in address"),
        ("", "address : missing port in address"),
        ("[::1]", "address [::1]: missing port in address"),
        ("[::1", "address [::1: missing ']' in address"),
        ("a:b:c", "address a:b:c: too many colons in address"),
        ("h:x", "lookup tcp/x: unknown port"),
        ("h:99999", "address 99999: invalid port"),
        ("h:-1", "address -1: invalid port"),
    ],
)
def test_what_is_no_address(address: str, says: str) -> None:
    with pytest.raises(AddressError) as caught:
        split(address)
    assert str(caught.value) == says


def test_services_are_known_where_no_file_lists_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str, protocol: str) -> int:
        raise OSError("service/proto not found")

    monkeypatch.setattr(socket, "getservbyname", unknown)
    assert split("host:https") == ("host", 443)
    with pytest.raises(AddressError, match="lookup tcp/redis: unknown port"):
        split("host:redis")


def test_an_upstream_without_a_host_is_this_machine() -> None:
    assert dial_address(":80") == ("localhost", 80)
    assert dial_address("h:80") == ("h", 80)


@pytest.mark.parametrize(
    ("address", "error", "says"),
    [
        ("h:1", ConnectionRefusedError(errno.ECONNREFUSED, "x"), "dial tcp h:1: connect: connection refused"),
        ("h:1", socket.gaierror(-2, "Name or service not known"), "dial tcp: lookup h: no such host"),
        ("a..b:1", UnicodeError("label empty or too long"), "dial tcp: lookup a..b: no such host"),
        ("h", AddressError("address h: missing port in address"), "dial tcp: address h: missing port in address"),
        ("h:1", OSError("Multiple exceptions: a, b"), "dial tcp h:1: connect: multiple exceptions: a, b"),
    ],
)
def test_why_an_upstream_cannot_be_reached(address: str, error: Exception, says: str) -> None:
    assert dial_error(address, error) == says


def test_joining_brackets_what_has_colons() -> None:
    assert join("::1", 8) == "[::1]:8"
    assert join("127.0.0.1", 8) == "127.0.0.1:8"


def test_loopback() -> None:
    assert is_loopback("127.0.0.5")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("::")
    assert not is_loopback("10.0.0.1")
    assert not is_loopback("")


def test_why_a_port_cannot_be_had() -> None:
    error = OSError(errno.EADDRINUSE, "whatever")
    assert listen_error("127.0.0.1:1", error) == "listen tcp 127.0.0.1:1: bind: address already in use"


def test_a_name_that_no_server_tells_does_not_keep_the_changes_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "RESOLVE_LIMIT_S", 0.01)

    async def play() -> None:
        loop = asyncio.get_running_loop()

        async def silent(*_: object, **__: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(loop, "getaddrinfo", silent)
        with pytest.raises(AddressError, match="lookup provider: i/o timeout"):
            await resolve("provider:80")

    asyncio.run(play())
