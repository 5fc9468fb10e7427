"""Defines a request as the gateway forwards it."""

from __future__ import annotations

from typing import NamedTuple

from .http1.head import RequestHead
from .identity import RequestIdentity
from .rules import RequestFaults

__all__ = ["ForwardedRequest"]


class ForwardedRequest(NamedTuple):
    """A request as it is to be forwarded."""

    who: RequestIdentity
    node: str
    plan: RequestFaults | None
    head: RequestHead
    raw: bytes
    """The bytes for the provider; of a request too large to be held, its beginning."""
    content: bytes
    """The body for the record."""
