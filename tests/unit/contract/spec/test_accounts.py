"""Addresses are checked as they are read."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from ackord.contract.spec.accounts import Account, Url

ADDRESS: TypeAdapter[str] = TypeAdapter(Url)


def test_an_address_loses_its_last_slash() -> None:
    assert ADDRESS.validate_python("https://api.example.com/v1/") == "https://api.example.com/v1"


@pytest.mark.parametrize("text", ["api.example.com", "ftp://a", "https://u@a", "https://a?b=c", "https://a:port"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ADDRESS.validate_python(text)


def test_an_account_needs_nothing() -> None:
    assert Account() == Account(auth=None, id=None)
