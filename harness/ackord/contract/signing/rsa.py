"""Implements ``rsa``: an RSA signature over a string that the contract declares."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from ..base.field_types import field_problem
from .algorithms import PartyKeys, TextEncoding, merchant_keys, provider_keys
from .base import MerchantSide, ProviderSide, Scheme
from .declared_signature import DeclaredMerchant, DeclaredProvider, DeclaredSignature
from .keys import PrivateKey, PublicKey
from .rotated_keys import RotatedKeys
from .signature_template import Signature

__all__ = ["SCHEME", "Rsa"]


class Rsa(RotatedKeys):
    """RSA keys, and what is signed with them (RSASSA-PKCS1-v1_5: `SHA256withRSA` and its like)."""

    private_key: PrivateKey | None = Field(
        default=None, description="The merchant's private key; needed when requests are signed."
    )
    provider_key: PublicKey | None = Field(
        default=None,
        description="The provider's public key or certificate; needed when answers or callbacks are signed.",
    )
    key_id: str = Field(default="", description="What `${key_id}` stands for.")
    algorithm: Literal["sha256", "sha512", "sha1"] = Field(
        default="sha256", description="The digest; `sha1` for old interfaces that take nothing else."
    )
    encoding: TextEncoding = Field(default="base64", description="How the signature is written.")
    request: Signature | None = Field(default=None, description="The merchant's requests; left out: not signed.")
    answer: Signature | None = Field(default=None, description="The provider's answers; left out: not signed.")
    callback: Signature | None = Field(default=None, description="The provider's callbacks; left out: not signed.")

    @model_validator(mode="after")
    def _has_the_keys(self) -> Self:
        if not (self.request or self.answer or self.callback):
            raise field_problem("request", "nothing is signed", expected="at least one of request, answer, callback")
        if self.request and self.private_key is None:
            raise field_problem("private_key", "requests are signed, so it is needed")
        if (self.answer or self.callback) and self.provider_key is None:
            raise field_problem("provider_key", "what the provider signs is verified with it, so it is needed")
        for field in ("request", "answer", "callback"):
            declared = getattr(self, field)
            if declared and "${secret}" in declared.string:
                raise field_problem(field, "${secret} has no value here: a private key is never part of the string")
        return self


def _all(settings: Rsa, keys: PartyKeys) -> list[DeclaredSignature | None]:
    fixed = {"key_id": settings.key_id}
    return [
        None if declared is None else DeclaredSignature(declared, keys, settings.encoding, fixed)
        for declared in (settings.request, settings.answer, settings.callback)
    ]


def _merchant(settings: Rsa) -> MerchantSide:
    return DeclaredMerchant(*_all(settings, merchant_keys(settings, f"rsa-{settings.algorithm}")))


def _provider(settings: Rsa) -> ProviderSide:
    return DeclaredProvider(*_all(settings, provider_keys(settings, f"rsa-{settings.algorithm}")))


SCHEME = Scheme(
    name="rsa",
    about="An RSA signature over a declared string, in declared headers.",
    settings=Rsa,
    merchant=_merchant,
    provider=_provider,
)
