"""Implements ``basic``: user and password in the ``Authorization`` header (RFC 7617)."""

from __future__ import annotations

import base64

from pydantic import Field

from ..base.field_types import StrictModel
from .base import FixedHeaders, Scheme
from .bearer import FixedHeaderProvider
from .keys import Secret

__all__ = ["SCHEME", "Basic", "basic_value"]


class Basic(StrictModel):
    """User and password; many providers take a key as the user and nothing as the password."""

    username: Secret = Field(description="The user, which may be a secret itself.")
    password: Secret | None = Field(default=None, description="The password; left out: empty.")


def basic_value(username: str, password: str) -> str:
    """Return the header's value."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def _value(settings: Basic) -> str:
    return basic_value(settings.username, settings.password or "")


SCHEME = Scheme(
    name="basic",
    about="User and password, sent as `Authorization: Basic ...`.",
    settings=Basic,
    merchant=lambda settings: FixedHeaders(("authorization", _value(settings))),
    provider=lambda settings: FixedHeaderProvider("authorization", _value(settings)),
    fills_authorization=True,
)
