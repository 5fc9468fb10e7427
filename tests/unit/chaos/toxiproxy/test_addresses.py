"""Addresses as Toxiproxy takes them; every text of an error here was seen from its server."""

from __future__ import annotations

import errno

import pytest

from ackord.chaos.toxiproxy.addresses import AddressError, is_loopback, join, listen_error, split


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:80", ("::1", 80)),
        (":0", ("", 0)),
        ("host:", ("host", 0)),
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
