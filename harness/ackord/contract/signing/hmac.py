"""``hmac``: a keyed digest (RFC 2104) over a string that the contract declares; so does ``Stripe-Signature``, and many others."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from ..fields import Part, field_problem
from .algorithms import Encoding, Keys, decoded, digest_keys, hmac_keys
from .base import Scheme
from .canonical import Signature, split
from .declared import DeclaredMerchant, DeclaredProvider, DeclaredSignature
from .keys import Secret, SigningProblem, emulated

__all__ = ["SCHEME", "Hmac"]


class Hmac(Part):
    """A secret that both parties have, and what is signed with it. A string that holds `${secret}` is not signed by HMAC: its plain digest is the signature, as older APIs have it."""

    secret: Secret = Field(description="The secret that both parties have.")
    secret_form: Literal["text", "hex", "base64"] = Field(
        default="text", description="How the secret is written; its bytes are the key."
    )
    callback_secret: Secret | None = Field(
        default=None, description="The secret of callbacks, if they have one of their own."
    )
    key_id: str = Field(default="", description="What `${key_id}` stands for.")
    algorithm: Literal["sha256", "sha512", "sha1", "md5"] = Field(default="sha256", description="The digest.")
    encoding: Encoding = Field(default="hex", description="How the signature is written.")
    request: Signature | None = Field(default=None, description="The merchant's requests; left out: not signed.")
    answer: Signature | None = Field(default=None, description="The provider's answers; left out: not signed.")
    callback: Signature | None = Field(default=None, description="The provider's callbacks; left out: not signed.")

    @model_validator(mode="after")
    def _signs_something(self) -> Self:
        if not (self.request or self.answer or self.callback):
            raise field_problem("request", "nothing is signed", expected="at least one of request, answer, callback")
        return self


def _key(settings: Hmac, field: Literal["secret", "callback_secret"]) -> bytes:
    secret = getattr(settings, field) or settings.secret
    if settings.secret_form == "text" or emulated(secret):
        return secret.encode()
    lower = secret.lower() if settings.secret_form == "hex" else secret
    key = decoded(lower, settings.secret_form)
    if key is None:
        raise SigningProblem(
            (field,), f"this is not {settings.secret_form}", expected="the secret as the provider shows it"
        )
    return key


def _signature(
    settings: Hmac, declared: Signature | None, field: Literal["secret", "callback_secret"]
) -> DeclaredSignature | None:
    if declared is None:
        return None
    holds_secret = any(name == "secret" for _, name in split(declared.string))
    keys: Keys = (
        digest_keys(settings.algorithm) if holds_secret else hmac_keys(_key(settings, field), settings.algorithm)
    )
    fixed = {"key_id": settings.key_id, "secret": getattr(settings, field) or settings.secret}
    return DeclaredSignature(declared, keys, settings.encoding, fixed)


def _all(settings: Hmac) -> tuple[DeclaredSignature | None, DeclaredSignature | None, DeclaredSignature | None]:
    return (
        _signature(settings, settings.request, "secret"),
        _signature(settings, settings.answer, "secret"),
        _signature(settings, settings.callback, "callback_secret"),
    )


SCHEME = Scheme(
    name="hmac",
    about="A keyed digest over a declared string, in declared headers.",
    settings=Hmac,
    merchant=lambda settings: DeclaredMerchant(*_all(settings)),
    provider=lambda settings: DeclaredProvider(*_all(settings)),
)
