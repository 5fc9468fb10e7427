"""How the real thing is recognised."""

from __future__ import annotations

import base64

import pytest

from ackord.contract.spec.production import ProductionSpec, looks_live

LIVE = "sk_live_" + "9aB8cD7eF6gH5"


@pytest.mark.parametrize(
    "text",
    [
        LIVE,
        f"Bearer {LIVE}",
        f"https://user:{LIVE}@api.example.com",
        "Basic " + base64.b64encode(f"{LIVE}:".encode()).decode(),
        base64.urlsafe_b64encode(f"me:{LIVE}??>".encode()).decode().rstrip("="),
    ],
)
def test_a_live_key_is_seen_in_every_dress(text: str) -> None:
    assert looks_live(text, None)
    assert looks_live(text.replace("sk_live_", "sk_live_"), ProductionSpec(hosts=["api.example.com"]))


def test_a_provider_s_own_keys() -> None:
    spec = ProductionSpec(keys=["^real-", "^pk(?!_test)_"])
    for text in ("real-1", "token real-1", "pk_1", base64.b64encode(b"user:real-12345").decode()):
        assert looks_live(text, spec), text
    for text in ("unreal-1", "pk_test_1", "sk_test_9aB8cD7eF6gH5", "", "emulated-stripe_secret_key"):
        assert not looks_live(text, spec), text


def test_hosts() -> None:
    spec = ProductionSpec(hosts=["api.example.com", "*-live.example.com"])
    for host in ("api.example.com", "API.Example.com.", "eu-live.example.com"):
        assert spec.is_host(host), host
    for host in ("api.sandbox.example.com", "api.example.com.evil.net", "127.0.0.1", "-live.example.org"):
        assert not spec.is_host(host), host
