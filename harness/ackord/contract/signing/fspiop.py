"""Implements ``fspiop``: Mojaloop's ``FSPIOP-Signature``, a JSON Web Signature in JSON form over the body and the
headers that name both parties.

Both parties send requests. The merchant's POST is answered 202, and the result comes as the provider's PUT, which is
signed in the same way.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field

from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .algorithms import PartyKeys, merchant_keys, provider_keys
from .base import Scheme, header_of, with_headers
from .jws import JWS_ALGORITHMS, AsymmetricJws, read_protected, signed, verified, write_protected
from .keys import PrivateKey, PublicKey
from .rotated_keys import RotatedKeys

__all__ = ["SCHEME", "Fspiop"]

_SIGNATURE, _URI, _METHOD = "FSPIOP-Signature", "FSPIOP-URI", "FSPIOP-HTTP-Method"
_SOURCE, _DESTINATION = "FSPIOP-Source", "FSPIOP-Destination"
_PROTECTED = (_SOURCE, _DESTINATION, "Date")
"""Headers that are signed if present; if absent, they must not be signed."""


class Fspiop(RotatedKeys):
    """Who calls whom, and the keys. `FSPIOP-Source`, and `FSPIOP-Destination` if there is one, are added to requests
    that do not have them. A request without a body is not signed.
    """

    source: str = Field(min_length=1, description="The merchant's identifier: `FSPIOP-Source`.")
    destination: str | None = Field(default=None, description="The provider's identifier: `FSPIOP-Destination`.")
    private_key: PrivateKey = Field(description="The merchant's private key.")
    provider_key: PublicKey | None = Field(
        default=None, description="The provider's public key or certificate; left out: callbacks are not verified."
    )
    algorithm: AsymmetricJws = Field(default="RS256", description="Both parties' algorithm.")


class _FspiopSide:
    """Implements both sides, each with its own keys."""

    def __init__(self, settings: Fspiop, keys: PartyKeys, me: str | None, other: str | None) -> None:
        self._algorithm = settings.algorithm
        self._keys = keys
        self._me = me
        self._other = other

    def _signed(self, request: HttpRequest) -> HttpRequest:
        parties = ((_SOURCE, self._me), (_DESTINATION, self._other))
        missing = [(n, value) for n, value in parties if value is not None and header_of(request.headers, n) is None]
        request = with_headers(request, *missing)
        if not request.body:
            return request
        protected = write_protected({"alg": self._algorithm, **_expected(request)})
        signature = {"signature": signed(self._keys, protected, request.body), "protectedHeader": protected}
        return with_headers(
            request,
            (_URI, request.target),
            (_METHOD, request.method),
            (_SIGNATURE, json.dumps(signature, separators=(",", ":"))),
        )

    def _problem(self, request: HttpRequest) -> str:
        source = header_of(request.headers, _SOURCE)
        if source is None:
            return f"the header {_SOURCE} is missing"
        if self._other is not None and source != self._other:
            return f"its {_SOURCE} is not {self._other}"
        value = header_of(request.headers, _SIGNATURE)
        if value is None:
            return f"it is not signed: the header {_SIGNATURE} is missing" if request.body else ""
        protected, signature = _parts(value)
        header = read_protected(protected)
        if header is None:
            return f"the header {_SIGNATURE} does not hold a signature and its protected header"
        if header.get("alg") != self._algorithm:
            return f"its alg is not {self._algorithm}"
        if "crit" in header:
            return "its crit names what is not understood"
        expected = _expected(request)
        for name in (_URI, _METHOD, *_PROTECTED):
            if header.get(name) != expected.get(name):
                return f"its protected {name} is not that of the request"
        return "" if verified(self._keys, protected, request.body, signature) else "its signature is wrong"


def _expected(request: HttpRequest) -> dict[str, Any]:
    """Return what the protected header must say of a request."""
    header: dict[str, Any] = {_URI: request.target, _METHOD: request.method}
    for name in _PROTECTED:
        value = header_of(request.headers, name)
        if value is not None:
            header[name] = value
    return header


def _parts(value: str) -> tuple[str, str]:
    """Return protected header and signature; empty texts for a header of another form."""
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(data, dict) or data.keys() != {"signature", "protectedHeader"}:
        return "", ""
    protected, signature = data["protectedHeader"], data["signature"]
    return (protected, signature) if isinstance(protected, str) and isinstance(signature, str) else ("", "")


class _FspiopMerchant(_FspiopSide):
    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        return self._signed(request)

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return ""

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._problem(callback)


class _FspiopUnverifiedMerchant(_FspiopMerchant):
    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        return ""


class _FspiopProvider(_FspiopSide):
    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._problem(request)

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        return answer

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        return self._signed(callback)


class _FspiopUnverifiedProvider(_FspiopProvider):
    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        return callback


def _merchant(settings: Fspiop) -> _FspiopMerchant:
    made = _FspiopMerchant if settings.provider_key else _FspiopUnverifiedMerchant
    keys = merchant_keys(settings, JWS_ALGORITHMS[settings.algorithm])
    return made(settings, keys, settings.source, settings.destination)


def _provider(settings: Fspiop) -> _FspiopProvider:
    made = _FspiopProvider if settings.provider_key else _FspiopUnverifiedProvider
    keys = provider_keys(settings, JWS_ALGORITHMS[settings.algorithm])
    return made(settings, keys, settings.destination or "provider", settings.source)


SCHEME = Scheme(
    name="fspiop",
    about="Mojaloop's `FSPIOP-Signature`: a JSON Web Signature over the body, the address and the two parties.",
    settings=Fspiop,
    merchant=_merchant,
    provider=_provider,
)
