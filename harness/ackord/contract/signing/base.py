"""Defines a signing scheme: the merchant's side, the provider's side, and the settings that both are made from.

Theory. The two sides of a scheme mirror each other: what the merchant signs, the provider verifies, and the reverse.
Both are made from the same settings of the same contract, so an emulator can act as the provider, and a round trip
tests both. A side is a pure function of the messages; the time and the nonce are given as ``TimestampNonce``.
Verification of untrusted input returns a problem in words and never raises. An empty text means that the message is
genuine.
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
"""The entry point group in which packages register a ``Scheme``; a contract uses it as ``hook: {name: ...}``."""


class MerchantSide(Protocol):
    """Signs requests; verifies answers and callbacks. ``at`` is the instant of verification; without it no age is
    checked.
    """

    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        """Return the request with the scheme's additions. Raises ``ValueError`` for a request that cannot be signed,
        such as a body of the wrong kind.
        """
        ...

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        """Return why the answer to ``request`` is not genuine; empty if it is, or if the scheme
        does not sign answers.
        """
        ...

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        """Return why a callback of the provider is not genuine; empty if it is."""
        ...


class ProviderSide(Protocol):
    """The provider's side of a scheme, for an emulator."""

    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        """Return why the request is refused; empty if it is accepted."""
        ...

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse: ...

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest: ...


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme. ``merchant`` and ``provider`` raise ``ContractError`` for unusable settings,
    such as an invalid key.
    """

    name: str
    about: str
    """One line for the field reference."""
    settings: type[StrictModel] | type[Secret]
    """The class of the settings; a secret, for a scheme that needs nothing else."""
    merchant: Callable[[Any], MerchantSide]
    provider: Callable[[Any], ProviderSide]
    fills_authorization: bool = False
    """Whether it occupies the header ``Authorization``, of which a request has one."""


SCHEMES: Registry[Scheme] = Registry("signing scheme")
"""The schemes in the order in which they are applied: first those that only add, then those that sign within the body,
last those that sign the whole.
"""


class UnsignedResponses:
    """Implements verification for a scheme that does not sign answers and callbacks."""

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        return callback

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        return ""


class FixedHeaders(UnsignedResponses):
    """A merchant's side that adds the same headers to every request, so that a client may add them once."""

    def __init__(self, *headers: tuple[str, str]) -> None:
        self.headers = headers

    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        return with_headers(request, *self.headers)

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return ""


def header_of(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """Return the value of a request's header by its case-insensitive name. Several headers of one name are joined, as
    HTTP defines.
    """
    name = name.lower()
    values = [value for key, value in headers if key.lower() == name]
    return ", ".join(values) if values else None


def with_headers(request: HttpRequest, *headers: tuple[str, str]) -> HttpRequest:
    return request._replace(headers=(*request.headers, *headers))


def with_response_headers(answer: HttpResponse, *headers: tuple[str, str]) -> HttpResponse:
    return answer._replace(headers={**answer.headers, **{name.lower(): value for name, value in headers}})
