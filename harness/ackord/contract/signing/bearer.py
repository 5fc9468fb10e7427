"""Implements ``bearer``: a secret key in the ``Authorization`` header (RFC 6750)."""

from __future__ import annotations

from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .base import FixedHeaders, Scheme, UnsignedResponses, header_of
from .keys import Secret, same

__all__ = ["SCHEME", "FixedHeaderProvider"]


class FixedHeaderProvider(UnsignedResponses):
    """Expects one header with one value."""

    def __init__(self, name: str, value: str) -> None:
        self._name = name
        self._value = value

    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        found = header_of(request.headers, self._name)
        if found is None:
            return f"the header {self._name} is missing"
        return "" if same(found, self._value) else f"the header {self._name} does not hold the account's credentials"

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        return answer


def _value(token: Secret) -> str:
    return f"Bearer {token}"


SCHEME = Scheme(
    name="bearer",
    about="A secret key, sent as `Authorization: Bearer ...`. Take it from the environment: `${env:NAME}`.",
    settings=Secret,
    merchant=lambda token: FixedHeaders(("authorization", _value(token))),
    provider=lambda token: FixedHeaderProvider("authorization", _value(token)),
    fills_authorization=True,
)
