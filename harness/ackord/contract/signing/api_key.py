"""Implements ``api_key``: a secret key in a header or in a query parameter."""

from __future__ import annotations

from typing import Self
from urllib.parse import parse_qsl, quote

from pydantic import Field, model_validator

from ..base.field_types import HeaderName, StrictModel, field_problem
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .base import FixedHeaders, MerchantSide, ProviderSide, Scheme, UnsignedResponses
from .bearer import FixedHeaderProvider
from .keys import Secret, same

__all__ = ["SCHEME", "ApiKey"]


class ApiKey(StrictModel):
    """Where the key stands: exactly one of `header` and `query`."""

    header: HeaderName | None = Field(default=None, description="The header's name, such as `X-API-Key`.")
    query: str | None = Field(default=None, min_length=1, description="The parameter's name after `?`.")
    value: Secret = Field(description="What stands there: the key, with whatever goes before it.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.header is None) == (self.query is None):
            what = "header and query together" if self.header else "the key stands nowhere"
            raise field_problem("header", what, expected="exactly one of header, query")
        return self


class _QueryKey(UnsignedResponses):
    """Both sides of a key in the query."""

    def __init__(self, name: str, value: str) -> None:
        self._name = name
        self._value = value
        self._pair = f"{quote(name, safe='')}={quote(value, safe='')}"


class _QueryMerchant(_QueryKey):
    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        return request._replace(target=f"{request.target}{'&' if '?' in request.target else '?'}{self._pair}")

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return ""


class _QueryProvider(_QueryKey):
    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        query = request.target.partition("?")[2]
        found = [value for name, value in parse_qsl(query, keep_blank_values=True) if name == self._name]
        if not found:
            return f"the parameter {self._name} is missing"
        if len(found) > 1:
            return f"the parameter {self._name} is given {len(found)} times"
        return "" if same(found[0], self._value) else f"the parameter {self._name} does not hold the account's key"

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        return answer


def _merchant(settings: ApiKey) -> MerchantSide:
    if settings.header is not None:
        return FixedHeaders((settings.header, settings.value))
    return _QueryMerchant(settings.query or "", settings.value)


def _provider(settings: ApiKey) -> ProviderSide:
    if settings.header is not None:
        return FixedHeaderProvider(settings.header, settings.value)
    return _QueryProvider(settings.query or "", settings.value)


SCHEME = Scheme(
    name="api_key",
    about="A secret key in a header, or in a parameter of the address.",
    settings=ApiKey,
    merchant=_merchant,
    provider=_provider,
)
