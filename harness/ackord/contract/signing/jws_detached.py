"""Implements ``jws_detached``: a JSON Web Signature in a header (RFC 7515, appendix F), whose payload is the body.

It is used as ``x-jws-signature`` by UK Open Banking and by later Open Finance systems.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from ..base.field_types import Duration, Flag, HeaderName, field_problem
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .algorithms import PartyKeys, hmac_keys, merchant_keys, provider_keys
from .base import Scheme, header_of, with_headers, with_response_headers
from .declared_signature import too_old
from .jws import JWS_ALGORITHMS, read_protected, signed, verified, write_protected
from .keys import PrivateKey, PublicKey, Secret, secret_bytes
from .rotated_keys import RotatedKeys

__all__ = ["SCHEME", "JwsDetached"]

_TIMESTAMP = "${timestamp}"


class JwsDetached(RotatedKeys):
    """A detached JSON Web Signature over the body. A message without a body is not signed."""

    header: HeaderName = Field(default="x-jws-signature", description="The header that carries it.")
    algorithm: Literal["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "HS256"] = Field(
        default="PS256", description="Both parties' algorithm; a signature that names another one is refused."
    )
    private_key: PrivateKey | None = Field(default=None, description="The merchant's private key.")
    provider_key: PublicKey | None = Field(
        default=None,
        description="The provider's public key or certificate; left out: answers and callbacks are not verified.",
    )
    secret: Secret | None = Field(default=None, description="The secret of both parties, for `HS256` alone.")
    secret_form: Literal["text", "hex", "base64", "base64url"] = Field(
        default="text", description="How the secret is written; its bytes are the key."
    )
    key_id: str | None = Field(default=None, description="Sent as `kid`.")
    provider_key_id: str | None = Field(
        default=None, description="The `kid` of the provider's signatures; left out: any."
    )
    claims: dict[str, str | int | bool] = Field(
        default={},
        description='More of the protected header, such as `{"http://openbanking.org.uk/iat": "${timestamp}"}`; '
        "the time stands there as a number.",
    )
    critical: list[str] = Field(
        default=[], description="Names in `crit`: those that whoever verifies must understand. Others are refused."
    )
    b64: Flag = Field(default=True, description="False: the body is signed as it is (RFC 7797).")
    answers: Flag = Field(default=True, description="Whether answers are signed too.")
    callbacks: Flag = Field(default=True, description="Whether callbacks are signed too.")
    tolerance: Duration | None = Field(
        default=None,
        description="A time in `claims` may be this far from the time of arrival; left out: any age will do.",
    )

    @model_validator(mode="after")
    def _has_the_keys(self) -> Self:
        if self.algorithm == "HS256":
            if self.secret is None:
                raise field_problem("secret", "HS256 needs it")
        elif self.private_key is None:
            raise field_problem("private_key", f"{self.algorithm} needs it")
        for name in self.claims:
            if name in ("alg", "kid", "crit", "b64"):
                raise field_problem("claims", f"{name} has a field of its own, or follows from the others")
        if self.tolerance and _TIMESTAMP not in self.claims.values():
            raise field_problem("tolerance", "no claim is ${timestamp}, whose age could be judged")
        return self


class _DetachedJwsSide:
    """Implements both sides, each with its own keys."""

    def __init__(self, settings: JwsDetached, keys: PartyKeys, kid: str | None, other_kid: str | None) -> None:
        self._settings = settings
        self._keys = keys
        self._kid = kid
        self._other_kid = other_kid

    def _signature(self, body: bytes, timestamp_nonce: TimestampNonce) -> list[tuple[str, str]]:
        if not body:
            return []
        settings = self._settings
        header: dict[str, Any] = {"alg": settings.algorithm}
        if self._kid is not None:
            header["kid"] = self._kid
        for name, value in settings.claims.items():
            header[name] = timestamp_nonce.unix_s if value == _TIMESTAMP else value
        critical = list(settings.critical)
        if not settings.b64:
            header["b64"] = False
            critical.append("b64")
        if critical:
            header["crit"] = critical
        protected = write_protected(header)
        return [(settings.header, f"{protected}..{signed(self._keys, protected, body, b64=settings.b64)}")]

    def _problem(self, value: str | None, body: bytes, at: TimestampNonce | None) -> str:
        name = self._settings.header
        if value is None:
            return f"it is not signed: the header {name} is missing" if body else ""
        protected, dots, signature = value.partition("..")
        header = read_protected(protected) if dots else None
        if header is None:
            return f"the header {name} is no detached signature"
        if problem := self._header_problem(header, at):
            return problem
        genuine = verified(self._keys, protected, body, signature, b64=self._settings.b64)
        return "" if genuine else "its signature is wrong"

    def _header_problem(self, header: dict[str, Any], at: TimestampNonce | None) -> str:
        settings = self._settings
        if header.get("alg") != settings.algorithm:
            return f"its alg is not {settings.algorithm}"
        if self._other_kid is not None and header.get("kid") != self._other_kid:
            return f"its kid is not {self._other_kid}"
        critical = header.get("crit", [])
        understood = [*settings.critical, "b64"]
        if not isinstance(critical, list) or not all(c in understood and c in header for c in critical):
            return "its crit names what is not understood"
        if header.get("b64", True) is not settings.b64 or (not settings.b64 and "b64" not in critical):
            return f"its b64 is not {str(settings.b64).lower()}"
        return self._age_problem(header, at)

    def _age_problem(self, header: dict[str, Any], at: TimestampNonce | None) -> str:
        if self._settings.tolerance is None or at is None:
            return ""
        claim = next(name for name, value in self._settings.claims.items() if value == _TIMESTAMP)
        unix_s = header.get(claim)
        if type(unix_s) is not int:
            return f"its {claim} is missing, or no number"
        return too_old(unix_s, self._settings.tolerance.ns / 1e9, at)


class _DetachedJwsMerchant(_DetachedJwsSide):
    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        return with_headers(request, *self._signature(request.body, timestamp_nonce))

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        if not (self._settings.answers and _verifiable(self._settings)):
            return ""
        return self._problem(answer.headers.get(self._settings.header.lower()), answer.body, at)

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        if not (self._settings.callbacks and _verifiable(self._settings)):
            return ""
        return self._problem(header_of(callback.headers, self._settings.header), callback.body, at)


class _DetachedJwsProvider(_DetachedJwsSide):
    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return self._problem(header_of(request.headers, self._settings.header), request.body, at)

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        if not (self._settings.answers and _verifiable(self._settings)):
            return answer
        return with_response_headers(answer, *self._signature(answer.body, timestamp_nonce))

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        if not (self._settings.callbacks and _verifiable(self._settings)):
            return callback
        return with_headers(callback, *self._signature(callback.body, timestamp_nonce))


def _verifiable(settings: JwsDetached) -> bool:
    """Return whether the merchant has the settings to verify the provider."""
    return settings.algorithm == "HS256" or settings.provider_key is not None


def _merchant(settings: JwsDetached) -> _DetachedJwsMerchant:
    return _DetachedJwsMerchant(settings, _keys(settings, provider=False), settings.key_id, settings.provider_key_id)


def _provider(settings: JwsDetached) -> _DetachedJwsProvider:
    return _DetachedJwsProvider(settings, _keys(settings, provider=True), settings.provider_key_id, settings.key_id)


def _keys(settings: JwsDetached, *, provider: bool) -> PartyKeys:
    if settings.algorithm == "HS256":
        return hmac_keys(secret_bytes(settings, "secret", settings.secret_form), "sha256")
    make = provider_keys if provider else merchant_keys
    return make(settings, JWS_ALGORITHMS[settings.algorithm])


SCHEME = Scheme(
    name="jws_detached",
    about="A JSON Web Signature over the body, in a header, without its payload (`x-jws-signature`).",
    settings=JwsDetached,
    merchant=_merchant,
    provider=_provider,
)
