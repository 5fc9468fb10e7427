"""Defines a request as the gateway forwards it, and the receiver of its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from .http1.framing import MessageReader
from .http1.head import RequestHead
from .identity import RequestIdentity
from .rules import RequestFaults

__all__ = ["ForwardedRequest", "ResponseSink"]


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


class ResponseSink(Protocol):
    """What an exchange asks of the merchant's connection."""

    transport: asyncio.Transport
    reader: MessageReader[RequestHead]

    def write(self, data: bytes) -> None:
        """Send bytes of the provider's answer."""

    def answered(self, *, close: bool) -> None:
        """The provider's answer is written."""

    def answer(self, status: int, body: Any, headers: Sequence[str] = ()) -> None:
        """Answer in the provider's stead: text as it is, anything else as JSON."""

    def hang(self) -> None:
        """Stay silent until the merchant gives up."""

    def reset(self) -> None:
        """End the connection with a TCP reset."""
