"""Define the merchant's accounts at a provider, and the provider's addresses."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from ..base.field_types import StrictModel
from .auth import Auth

__all__ = ["Account", "Url"]


def _address(url: str) -> str:
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError for one that is none
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an address such as https://api.example.com")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("expected an address without user, query or fragment")
    return url.rstrip("/")


Url = Annotated[str, AfterValidator(_address)]


class Account(StrictModel):
    """One of the merchant's accounts at the provider."""

    auth: Auth | None = Field(default=None, description="How its requests are signed; left out: not at all.")
    id: str | None = Field(
        default=None,
        description="Its identifier at the provider, as in the ledger and `${account.id}`; by default its name here.",
    )
