"""Implements ``oauth2``: an access token for client credentials (RFC 6749, section 4.4).

A token must be fetched and expires, which a pure function cannot handle. The client therefore sends ``token_request``,
parses the answer with ``read_token``, and sets the token on the merchant's side.
"""

from __future__ import annotations

import hmac
import json
from typing import Literal, NamedTuple, Self
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from pydantic import Field, model_validator

from ..base.field_types import StrictModel, field_problem
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .base import Scheme, UnsignedResponses, header_of, with_headers
from .basic import basic_value
from .keys import Secret, same

__all__ = ["SCHEME", "AccessToken", "OAuth2", "OAuth2Merchant", "OAuth2Provider", "read_token", "token_request"]


class OAuth2(StrictModel):
    """Client credentials, and where a token is to be had: exactly one of `token_path` and `token_url`."""

    token_path: str | None = Field(default=None, pattern="^/", description="The path below the provider's address.")
    token_url: str | None = Field(
        default=None, pattern="^https?://", description="The whole address, where it is another one."
    )
    client_id: Secret = Field(description="The client's identifier.")
    client_secret: Secret = Field(description="The client's secret.")
    scope: str | None = Field(default=None, description="The scope that is asked for, if any.")
    client_auth: Literal["basic", "body"] = Field(
        default="basic",
        description="How the client shows who it is: `Authorization: Basic ...`, or two fields of the form.",
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.token_path is None) == (self.token_url is None):
            what = "token_path and token_url together" if self.token_path else "there is nowhere to ask for a token"
            raise field_problem("token_path", what, expected="exactly one of token_path, token_url")
        return self

    @property
    def target(self) -> str:
        """Return path and query of the token's URL."""
        if self.token_path is not None:
            return self.token_path
        parts = urlsplit(self.token_url or "")
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class AccessToken(NamedTuple):
    text: str
    expires_in_s: int | None
    """Lifetime in seconds; ``None``: the answer does not say."""


def token_request(settings: OAuth2) -> HttpRequest:
    """Return the request for a token, to ``token_url`` or below the provider's base URL."""
    fields = {"grant_type": "client_credentials"}
    if settings.scope is not None:
        fields["scope"] = settings.scope
    headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")]
    if settings.client_auth == "basic":
        headers.append(("authorization", _basic(settings)))
    else:
        fields |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
    return HttpRequest("POST", settings.target, tuple(headers), urlencode(fields).encode())


def read_token(answer: HttpResponse) -> AccessToken:
    """Parse the token in an answer. Raises ``ValueError`` that says why there is none."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ValueError(f"{answer.status}, the answer to the request for a token is not a JSON object")
    text, expires = document.get("access_token"), document.get("expires_in")
    if not 200 <= answer.status < 300 or not isinstance(text, str) or not text:
        error = document.get("error")
        word = f" ({error[:48]!r})" if isinstance(error, str) else ""
        raise ValueError(f"{answer.status}, no access token was given{word}")
    if isinstance(expires, str) and expires.isdecimal() and expires.isascii() and len(expires) < 16:
        expires = int(expires)
    return AccessToken(text, expires if type(expires) is int and expires > 0 else None)


class OAuth2Merchant(UnsignedResponses):
    """Sends the token that was set last."""

    def __init__(self, settings: OAuth2) -> None:
        self.settings = settings
        self.token: str | None = None

    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        if self.token is None:
            raise ValueError("there is no access token yet: ask for one first")
        return with_headers(request, ("authorization", f"Bearer {self.token}"))

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return ""


class OAuth2Provider(UnsignedResponses):
    """Issues one token, derived from the client's secret, that never expires."""

    def __init__(self, settings: OAuth2) -> None:
        self.settings = settings
        self._token = hmac.digest(settings.client_secret.encode(), b"access token", "sha256").hex()

    def token_answer(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to a request for a token."""
        fields = dict(parse_qsl(request.body.decode("latin-1")))
        if self.settings.client_auth == "basic":
            known = same(header_of(request.headers, "authorization"), _basic(self.settings))
        else:
            known = same(fields.get("client_id"), self.settings.client_id) and same(
                fields.get("client_secret"), self.settings.client_secret
            )
        if not known:
            return _json(401, {"error": "invalid_client"})
        if fields.get("grant_type") != "client_credentials":
            return _json(400, {"error": "unsupported_grant_type"})
        return _json(200, {"access_token": self._token, "token_type": "Bearer", "expires_in": 3600})

    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        found = header_of(request.headers, "authorization")
        if found is None:
            return "the header Authorization is missing"
        return "" if same(found, f"Bearer {self._token}") else "the header Authorization holds no token that was given"

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        return answer


def _basic(settings: OAuth2) -> str:
    """Return the Basic credentials; both parts are percent-encoded first (RFC 6749, section 2.3.1)."""
    return basic_value(quote_plus(settings.client_id), quote_plus(settings.client_secret))


def _json(status: int, document: dict[str, str | int]) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps(document).encode())


SCHEME = Scheme(
    name="oauth2",
    about="An access token, fetched with client credentials and sent as `Authorization: Bearer ...`.",
    settings=OAuth2,
    merchant=OAuth2Merchant,
    provider=OAuth2Provider,
    fills_authorization=True,
)
