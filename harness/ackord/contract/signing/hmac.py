"""Implements ``hmac``: a keyed digest (RFC 2104) over a string that the contract declares, as in
``Stripe-Signature``.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from ..base.field_types import StrictModel, field_problem
from .algorithms import TextEncoding, digest_keys, hmac_keys
from .base import Scheme
from .declared_signature import DeclaredMerchant, DeclaredProvider, DeclaredSignature
from .keys import Secret, secret_bytes
from .signature_template import Signature, split

__all__ = ["SCHEME", "Hmac"]


class Hmac(StrictModel):
    """A secret that both parties have, and what is signed with it. A string that holds `${secret}` is not signed by
    HMAC: its plain digest is the signature, as older APIs have it.
    """

    secret: Secret = Field(description="The secret that both parties have.")
    secret_form: Literal["text", "hex", "base64", "base64url"] = Field(
        default="text", description="How the secret is written; its bytes are the key."
    )
    callback_secret: Secret | None = Field(
        default=None, description="The secret of callbacks, if they have one of their own."
    )
    key_id: str = Field(default="", description="What `${key_id}` stands for.")
    algorithm: Literal["sha256", "sha512", "sha1", "md5"] = Field(default="sha256", description="The digest.")
    encoding: TextEncoding = Field(default="hex", description="How the signature is written.")
    request: Signature | None = Field(default=None, description="The merchant's requests; left out: not signed.")
    answer: Signature | None = Field(default=None, description="The provider's answers; left out: not signed.")
    callback: Signature | None = Field(default=None, description="The provider's callbacks; left out: not signed.")

    @model_validator(mode="after")
    def _signs_something(self) -> Self:
        if not (self.request or self.answer or self.callback):
            raise field_problem("request", "nothing is signed", expected="at least one of request, answer, callback")
        return self


def _signature(settings: Hmac, declared: Signature | None, field: str) -> DeclaredSignature | None:
    if declared is None:
        return None
    if any(name == "secret" for _, name in split(declared.string)):
        keys = digest_keys(settings.algorithm)
    else:
        keys = hmac_keys(secret_bytes(settings, field, settings.secret_form), settings.algorithm)
    fixed = {"key_id": settings.key_id, "secret": getattr(settings, field)}
    return DeclaredSignature(declared, keys, settings.encoding, fixed)


def _all(settings: Hmac) -> list[DeclaredSignature | None]:
    of_callbacks = "secret" if settings.callback_secret is None else "callback_secret"
    return [
        _signature(settings, settings.request, "secret"),
        _signature(settings, settings.answer, "secret"),
        _signature(settings, settings.callback, of_callbacks),
    ]


SCHEME = Scheme(
    name="hmac",
    about="A keyed digest over a declared string, in declared headers.",
    settings=Hmac,
    merchant=lambda settings: DeclaredMerchant(*_all(settings)),
    provider=lambda settings: DeclaredProvider(*_all(settings)),
)
