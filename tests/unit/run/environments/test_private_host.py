from __future__ import annotations

import socket

import pytest

from ackord.errors import EnvironmentFailed, UsageError
from ackord.run.environments.private_host import is_allowed, private_address


def resolving(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> None:
    found = [(0, 0, 0, "", (number, 0)) for number in numbers]
    monkeypatch.setattr("socket.getaddrinfo", lambda *a, **k: found)


def test_names_are_compared_as_dns_does() -> None:
    assert is_allowed("Provider.", ["provider"])
    assert not is_allowed("provider.example.com", ["provider"])
    assert not is_allowed("provider", [])


@pytest.mark.parametrize(
    "number",
    ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.9", "127.0.0.1", "fd00::1", "::1", "::ffff:10.0.0.1"],
)
def test_private_numbers_are_taken(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    resolving(monkeypatch, number)
    assert private_address("provider") == number


@pytest.mark.parametrize(
    "number", ["8.8.8.8", "172.32.0.1", "192.0.2.1", "100.64.0.1", "169.254.169.254", "0.0.0.0", "fe80::1%eth0", "2001:db8::1", "::ffff:8.8.8.8", "255.255.255.255"]
)  # fmt: skip
def test_others_are_refused_beside_private_ones_too(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    resolving(monkeypatch, "10.0.0.1", number)
    with pytest.raises(UsageError, match="no address of a private network"):
        private_address("provider")


def test_ipv4_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "fd00::1", "10.0.0.1")
    assert private_address("provider") == "10.0.0.1"


def test_a_name_without_an_address_is_no_mistake_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*a: object, **k: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    with pytest.raises(EnvironmentFailed, match="the host provider has no address here: Name or service not known"):
        private_address("provider")
