"""The field that names the payable thing."""

from __future__ import annotations

import pytest

from ackord.contract.base.http_messages import HttpRequest
from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.drill.intent_field import intent_reader


def read(path: str, body: bytes, contract: str = "reference") -> str:
    loaded = load_contract(contract, env=PlaceholderEnv())
    return intent_reader(loaded.contract, path)(HttpRequest("POST", "/v1/orders", (), body))


@pytest.mark.parametrize(
    ("path", "body", "found"),
    [
        ("$.invoice", b'{"invoice": "R-7"}', "R-7"),
        ("$.meta.invoice", b'{"meta": {"invoice": 7}}', "7"),
        ("$.invoice", b'{"invoice": null}', ""),
        ("$.invoice", b'{"invoice": true}', ""),
        ("$.invoice", b"{}", ""),
        ("$.invoice", b"not json", ""),
        ("", b'{"invoice": "R-7"}', ""),
    ],
)
def test_it_is_read_where_it_stands(path: str, body: bytes, found: str) -> None:
    assert read(path, body) == found


def test_a_form_has_fields_too() -> None:
    assert read("$.description", b"amount=5&description=R-7", "stripe-payouts") == "R-7"
