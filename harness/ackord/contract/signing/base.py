"""What a scheme is: the merchant's side of it, the provider's side, and the settings that both are made from.

Theory. Each scheme has two halves that mirror one another: what the merchant signs, the provider verifies, and the other way round. Both are
made from the same settings of the same contract, so an emulator can speak for a provider, and a round trip tests both. A half is a pure
function of what travels: the time and the number used once come with the ``TimestampNonce``, and whatever the other party sent, verifying it ends in
words, never in an exception. An empty text is the good answer, everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ...core.registry import Registry
from ..base.field_types import StrictModel
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .keys import Secret

__all__ = [
    "ENTRY_POINT_GROUP",
    "SCHEMES",
    "FixedHeaders",
    "MerchantSide",
    "ProviderSide",
    "Scheme",
    "UnsignedResponses",
    "header_of",
    "with_headers",
    "with_response_headers",
]

ENTRY_POINT_GROUP = "ackord.signing"
"""Packages that add a scheme name a ``Scheme`` under this group; a contract uses it as ``hook: {name: ...}``."""


class MerchantSide(Protocol):
    """Signs requests; verifies answers and callbacks. ``at`` is when it verifies; without it no age is judged."""

    def sign(self, request: HttpRequest, moment: TimestampNonce) -> HttpRequest:
        """The request with what the scheme adds to it. Raises ``ValueError`` for a request that cannot be signed, such as a body of the wrong kind."""
        ...

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        """Why the answer to ``request`` cannot be trusted; empty if it is genuine, or if answers are not signed in this scheme."""
        ...

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        """The same for a request that the provider sends to the merchant."""
        ...


class ProviderSide(Protocol):
    """The mirror image, for an emulator that stands for the provider."""

    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        """Why the request is refused; empty if it is not."""
        ...

    def sign(self, answer: HttpResponse, request: HttpRequest, moment: TimestampNonce) -> HttpResponse: ...

    def sign_callback(self, callback: HttpRequest, moment: TimestampNonce) -> HttpRequest: ...


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme. ``merchant`` and ``provider`` raise ``ContractError`` for settings that cannot be used, such as a key that is none."""

    name: str
    about: str
    """One line for the field reference."""
    settings: type[StrictModel] | type[Secret]
    """A secret, for a scheme that needs nothing else."""
    merchant: Callable[[Any], MerchantSide]
    provider: Callable[[Any], ProviderSide]
    fills_authorization: bool = False
    """It needs the header ``Authorization`` for itself; a request has one."""


SCHEMES: Registry[Scheme] = Registry("signing scheme")
"""In the order in which they are applied: first what is only added, then what signs the body inside of it, last what signs the whole."""


class UnsignedResponses:
    """The parts of both sides that a scheme without signatures on answers and callbacks does not have."""

    def sign_callback(self, callback: HttpRequest, moment: TimestampNonce) -> HttpRequest:
        return callback

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        return ""


class FixedHeaders(UnsignedResponses):
    """A merchant who adds the same headers to every request: whoever renders many requests may add them once."""

    def __init__(self, *headers: tuple[str, str]) -> None:
        self.headers = headers

    def sign(self, request: HttpRequest, moment: TimestampNonce) -> HttpRequest:
        return with_headers(request, *self.headers)

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return ""


def header_of(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """The value of a request's header, whatever the case of its name; several of that name are one, as HTTP has it."""
    name = name.lower()
    values = [value for key, value in headers if key.lower() == name]
    return ", ".join(values) if values else None


def with_headers(request: HttpRequest, *headers: tuple[str, str]) -> HttpRequest:
    return request._replace(headers=(*request.headers, *headers))


def with_response_headers(answer: HttpResponse, *headers: tuple[str, str]) -> HttpResponse:
    return answer._replace(headers={**answer.headers, **{name.lower(): value for name, value in headers}})
