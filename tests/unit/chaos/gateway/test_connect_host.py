"""What is a host of the proxy, and what is none. The proxy itself is tried in ``tests/live/test_merchant_access.py``."""

from __future__ import annotations

import pytest

from ackord.chaos.gateway.connect_host import authority
from ackord.errors import UsageError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("api.example.com", ("api.example.com", 443)),
        ("API.Example.COM.:8443", ("api.example.com", 8443)),
        ("127.0.0.1:80", ("127.0.0.1", 80)),
    ],
)
def test_a_host_with_or_without_its_port(text: str, found: tuple[str, int]) -> None:
    assert authority(text) == found


@pytest.mark.parametrize("text", ["", ":443", "a:0", "a:x", "a:70000", "https://a", "a/b:443", "u@a:443", "[::1]:443"])
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(UsageError, match="is no host"):
        authority(text)
