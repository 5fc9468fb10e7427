"""Implements ``http_message_signatures``: RFC 9421, with ``Content-Digest`` (RFC 9530) for the body."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ..base.field_types import Duration, HeaderName, field_problem
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .algorithms import PartyKeys, decoded, encoded, hmac_keys, merchant_keys, provider_keys
from .base import Scheme, with_headers, with_response_headers
from .declared_signature import too_old
from .keys import PrivateKey, PublicKey, Secret, secret_bytes
from .rotated_keys import RotatedKeys
from .signature_base import (
    Component,
    SignatureInput,
    UnknownComponent,
    parse_component,
    parse_dictionary,
    signature_base,
)
from .signature_template import MessageParts

__all__ = ["SCHEME", "HttpMessageSignatures"]

_ALGORITHMS = {
    "ed25519": "ed25519",
    "rsa-pss-sha512": "rsa-pss-sha512",
    "rsa-v1_5-sha256": "rsa-sha256",
    "ecdsa-p256-sha256": "ecdsa-p256-sha256",
    "ecdsa-p384-sha384": "ecdsa-p384-sha384",
    "ecdsa-p521-sha512-der": "ecdsa-p521-sha512-der",
}
_DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512, "sha256": hashlib.sha256}
_REGISTERED_DIGESTS = ("sha-256", "sha-512")
_DIGEST = re.compile(r"([a-z0-9-]+)=:([A-Za-z0-9+/=]*):")


def _component(text: str) -> str:
    parse_component(text)
    return text


_Component = Annotated[str, AfterValidator(_component)]
_Text = Annotated[str, Field(pattern=r"^[ !#-\[\]-~]*$")]


class HttpMessageSignatures(RotatedKeys):
    """HTTP message signatures. Whoever verifies demands that what is listed here is covered, and that a covered
    `content-digest` is right.
    """

    algorithm: Literal[
        "ed25519",
        "rsa-pss-sha512",
        "rsa-v1_5-sha256",
        "ecdsa-p256-sha256",
        "ecdsa-p384-sha384",
        "ecdsa-p521-sha512-der",
        "hmac-sha256",
    ] = Field(
        description="Both parties' algorithm. `ecdsa-p521-sha512-der` is no registered one: ES512, its signatures "
        "in DER as OpenSSL writes them."
    )
    private_key: PrivateKey | None = Field(default=None, description="The merchant's private key.")
    provider_key: PublicKey | None = Field(default=None, description="The provider's public key or certificate.")
    secret: Secret | None = Field(default=None, description="The secret of both parties, for `hmac-sha256` alone.")
    secret_form: Literal["text", "hex", "base64", "base64url"] = Field(
        default="text", description="How the secret is written; its bytes are the key."
    )
    signature_header: HeaderName = Field(default="Signature", description="The header that carries signatures.")
    input_header: HeaderName = Field(
        default="Signature-Input", description="The header that says what each signature covers."
    )
    label: Annotated[str, Field(pattern=r"^[a-z*][a-z0-9_.*-]*$")] = Field(
        default="sig1",
        description="The signature's name in the headers; of several on an answer, the one of this name counts.",
    )
    key_id: _Text | None = Field(default=None, description="What `keyid` says in requests.")
    provider_key_id: _Text | None = Field(
        default=None, description="What `keyid` must say in answers; left out: anything."
    )
    tag: _Text | None = Field(default=None, description="What `tag` says.")
    parameters: list[Literal["created", "keyid", "alg", "nonce", "tag"]] = Field(
        default=["created", "keyid", "nonce"], description="The signature's parameters, in this order."
    )
    digest: Literal["sha-256", "sha-512", "sha256"] = Field(
        default="sha-256",
        description="The algorithm of `Content-Digest`, where it is added. `sha256` is SHA-256 under a name that "
        "is not registered; it is believed only where it stands here.",
    )
    authority: str = Field(
        default="",
        description="The provider's host (and port), which `@authority` stands for in requests; left out: their "
        "header `host`. In callbacks that header comes first.",
    )
    scheme: Literal["https", "http"] = Field(default="https", description="What `@scheme` stands for.")
    request: list[_Component] = Field(
        default=["@method", "@request-target", "content-digest"],
        description="What requests cover: headers, `@method`, `@authority`, `@path`, `@query`, `@request-target`, "
        '`@target-uri`, `@query-param;name="id"`. A `content-digest` is added to a message that has a body '
        "and covers it. Without a body, `content-length` is not covered, and `content-type` and "
        "`content-digest` only where the message has them.",
    )
    answer: list[_Component] | None = Field(
        default=None,
        description="What answers cover, also `@status`, and `@method;req` of their request; left out: they are "
        "not signed.",
    )
    callback: list[_Component] | None = Field(
        default=None, description="What callbacks cover; left out: they are not signed."
    )
    tolerance: Duration | None = Field(
        default=None, description="`created` may be this far from the time of arrival; left out: any age will do."
    )

    @model_validator(mode="after")
    def _has_the_keys(self) -> Self:
        if self.algorithm == "hmac-sha256":
            if self.secret is None:
                raise field_problem("secret", "hmac-sha256 needs it")
        elif self.private_key is None:
            raise field_problem("private_key", f"{self.algorithm} needs it")
        elif (self.answer is not None or self.callback is not None) and self.provider_key is None:
            raise field_problem("provider_key", "what the provider signs is verified with it, so it is needed")
        if self.tolerance and "created" not in self.parameters:
            raise field_problem("tolerance", "no parameter created says how old a signature is")
        if self.signature_header.lower() == self.input_header.lower():
            raise field_problem("input_header", "it is the header of the signatures", expected="another header's name")
        return self


class _Rfc9421Side:
    def __init__(
        self, settings: HttpMessageSignatures, keys: PartyKeys, key_id: str | None, other_key_id: str | None
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._key_id = key_id
        self._other_key_id = other_key_id

    def _request(self, request: HttpRequest) -> MessageParts:
        """Return the request with the contract's host, because it may reach the provider by another address, such as
        the gateway's.
        """
        message = MessageParts.of_request(request)
        authority = self._settings.authority
        return message._replace(header=_with(message, "host", authority)) if authority else message

    def _headers(
        self, message: MessageParts, request: MessageParts, covered: list[str], timestamp_nonce: TimestampNonce
    ) -> list[tuple[str, str]]:
        """Return the signature's headers. Raises ``ValueError`` for a message that lacks a component to be covered."""
        digest = _missing_digest(message, covered, self._settings.digest)
        if digest:
            message = message._replace(header=_with(message, *digest))
            request = message if not message.status else request
        components = [parse_component(text) for text in covered if _applies(text, message)]
        params = f"({' '.join(map(str, components))}){self._parameters(timestamp_nonce)}"
        try:
            signed = self._base(message, request, components, params)
        except UnknownComponent as why:
            raise ValueError(f"the message cannot be signed: {why}") from None
        settings = self._settings
        signature = f"{settings.label}=:{encoded(self._keys.sign(signed))}:"
        headers = [digest] if digest else []
        return [*headers, (settings.input_header, f"{settings.label}={params}"), (settings.signature_header, signature)]

    def _parameters(self, timestamp_nonce: TimestampNonce) -> str:
        settings = self._settings
        values = {
            "created": str(timestamp_nonce.unix_s),
            "keyid": None if self._key_id is None else f'"{self._key_id}"',
            "alg": f'"{settings.algorithm}"',
            "nonce": f'"{timestamp_nonce.nonce}"',
            "tag": None if settings.tag is None else f'"{settings.tag}"',
        }
        return "".join(f";{name}={values[name]}" for name in settings.parameters if values[name] is not None)

    def _base(self, message: MessageParts, request: MessageParts, components: list[Component], params: str) -> bytes:
        return signature_base(message, request, components, params, self._settings.authority, self._settings.scheme)

    def _problem(
        self, message: MessageParts, request: MessageParts, covered: list[str], at: TimestampNonce | None
    ) -> str:
        names = (self._settings.input_header, self._settings.signature_header)
        texts = [message.header(name) for name in names]
        if texts[0] is None or texts[1] is None:
            return f"it is not signed: the header {names[0] if texts[0] is None else names[1]} is missing"
        inputs, signatures = parse_dictionary(texts[0], lists=True), parse_dictionary(texts[1], lists=False)
        if inputs is None or signatures is None:
            return f"the header {names[0] if inputs is None else names[1]} cannot be read"
        label = self._settings.label
        member, signature = inputs.get(label), signatures.get(label)
        if not isinstance(member, SignatureInput) or not isinstance(signature, str):
            return f"there is no signature called {label}"
        problem = self._member_problem(member, message, covered, at) or self._digest_problem(message, member)
        if problem:
            return problem
        try:
            signed = self._base(message, request, member.components, member.text)
        except UnknownComponent as why:
            return str(why)
        data = decoded(signature)
        return "" if data is not None and self._keys.verify(signed, data) else "its signature is wrong"

    def _signed_string(self, message: MessageParts) -> str:
        """Return the signature base of a signed request; empty if it has none."""
        inputs = parse_dictionary(message.header(self._settings.input_header) or "", lists=True) or {}
        member = inputs.get(self._settings.label)
        if not isinstance(member, SignatureInput):
            return ""
        try:
            return self._base(message, message, member.components, member.text).decode("utf-8", "replace")
        except UnknownComponent:
            return ""

    def _member_problem(
        self, member: SignatureInput, message: MessageParts, covered: list[str], at: TimestampNonce | None
    ) -> str:
        settings = self._settings
        demanded = [str(parse_component(text)) for text in covered if _applies(text, message)]
        found = [str(component) for component in member.components]
        missing = next((component for component in demanded if component not in found), None)
        if missing:
            return f"its signature does not cover {missing}"
        given = member.parameters
        for name, expected in (("alg", settings.algorithm), ("tag", settings.tag)):
            if expected is not None and name in given and given[name] != f'"{expected}"':
                return f"its {name} is not {expected}"
        if self._other_key_id is not None and given.get("keyid") != f'"{self._other_key_id}"':
            return f"its keyid is not {self._other_key_id}"
        created, expires = (_integer(given.get(name)) for name in ("created", "expires"))
        if at is not None and expires is not None and at.unix_s > expires:
            return f"its signature expired {at.unix_s - expires} s ago"
        if at is None or settings.tolerance is None:
            return ""
        return (
            "its signature does not say when it was created"
            if created is None
            else too_old(created, settings.tolerance.ns / 1e9, at)
        )

    def _digest_problem(self, message: MessageParts, member: SignatureInput) -> str:
        if not any(
            component.name == "content-digest" and "req" not in component.parameters for component in member.components
        ):
            return ""
        pairs = dict(_DIGEST.findall(message.header("content-digest") or ""))
        known = [name for name in pairs if name in _REGISTERED_DIGESTS or name == self._settings.digest]
        if not known:
            return "its Content-Digest has no algorithm that is known"
        if any(pairs[name] != encoded(_DIGESTS[name](message.body).digest()) for name in known):
            return "its Content-Digest is not that of its body"
        return ""


def _integer(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"-?[0-9]+", text) else None


def _applies(component: str, message: MessageParts) -> bool:
    """Return whether a component applies: those about the body need a body. Type and digest also apply where a message
    has them without a body; a length of 0 may be added in transit.
    """
    if message.body or component not in ("content-digest", "content-type", "content-length"):
        return True
    return component != "content-length" and message.header(component) is not None


def _with(message: MessageParts, name: str, value: str) -> Callable[[str], str | None]:
    return lambda wanted: value if wanted.lower() == name.lower() else message.header(wanted)


def _missing_digest(message: MessageParts, covered: list[str], algorithm: str) -> tuple[str, str] | None:
    if "content-digest" not in covered or not message.body or message.header("content-digest") is not None:
        return None
    return "Content-Digest", f"{algorithm}=:{encoded(_DIGESTS[algorithm](message.body).digest())}:"


class _Rfc9421Merchant(_Rfc9421Side):
    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        message = self._request(request)
        return with_headers(request, *self._headers(message, message, self._settings.request, timestamp_nonce))

    def signed_string(self, request: HttpRequest) -> str:
        return self._signed_string(self._request(request))

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        if self._settings.answer is None:
            return ""
        message = MessageParts.of_answer(answer, request)
        return self._problem(message, self._request(request), self._settings.answer, at)

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        if self._settings.callback is None:
            return ""
        message = MessageParts.of_request(callback)
        return self._problem(message, message, self._settings.callback, at)


class _Rfc9421Provider(_Rfc9421Side):
    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        message = self._request(request)
        return self._problem(message, message, self._settings.request, at)

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        if self._settings.answer is None:
            return answer
        message = MessageParts.of_answer(answer, request)
        headers = self._headers(message, self._request(request), self._settings.answer, timestamp_nonce)
        return with_response_headers(answer, *headers)

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        if self._settings.callback is None:
            return callback
        message = MessageParts.of_request(callback)
        return with_headers(callback, *self._headers(message, message, self._settings.callback, timestamp_nonce))


def _keys(settings: HttpMessageSignatures, *, provider: bool) -> PartyKeys:
    if settings.algorithm == "hmac-sha256":
        return hmac_keys(secret_bytes(settings, "secret", settings.secret_form), "sha256")
    make = provider_keys if provider else merchant_keys
    return make(settings, _ALGORITHMS[settings.algorithm])


SCHEME = Scheme(
    name="http_message_signatures",
    about="HTTP message signatures (RFC 9421) over chosen parts of a message, with `Content-Digest` for its body.",
    settings=HttpMessageSignatures,
    merchant=lambda s: _Rfc9421Merchant(s, _keys(s, provider=False), s.key_id, s.provider_key_id),
    provider=lambda s: _Rfc9421Provider(s, _keys(s, provider=True), s.provider_key_id, s.key_id),
)
