"""Define a contract's ``auth`` from the registered signing schemes, for the merchant's and the provider's side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import Field, create_model, model_validator

from ..base.contract_error import ContractError
from ..base.field_types import StrictModel, field_problem
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ..signing import (
    BUILT_IN,
    CertificateFiles,
    FixedHeaders,
    MerchantSide,
    OAuth2Merchant,
    ProviderSide,
    Scheme,
)
from ..signing.oauth2 import OAuth2Provider
from ..signing.rotated_keys import merchant_of

__all__ = [
    "Auth",
    "SeveralMerchantSides",
    "SeveralProviderSides",
    "client_certificate",
    "merchant_side",
    "provider_side",
    "token_holder",
    "token_issuer",
]

S = TypeVar("S")

if TYPE_CHECKING:
    _EachScheme = StrictModel
else:
    _EachScheme = create_model(
        "_EachScheme",
        __base__=StrictModel,
        **{s.name: (s.settings | None, Field(default=None, description=s.about)) for s in BUILT_IN},
    )


class Auth(_EachScheme):
    """How an account's requests are signed, and how the provider's responses and callbacks are verified.

    There is at least one scheme. Several are applied in the order of the file.
    """

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if not any(True for _ in self.schemes()):
            known = ", ".join(scheme.name for scheme in BUILT_IN)
            raise field_problem(BUILT_IN[0].name, "no scheme is given", expected=f"at least one of {known}")
        filling = [scheme.name for scheme, _ in self.schemes() if scheme.fills_authorization]
        if len(filling) > 1:
            what = f"{' and '.join(filling)} together: each fills the header Authorization"
            raise field_problem(filling[1], what, expected="one of them")
        return self

    def schemes(self) -> Iterator[tuple[Scheme, Any]]:
        """Those that are given, each with its settings."""
        for scheme in BUILT_IN:
            settings = getattr(self, scheme.name)
            if settings is not None:
                yield scheme, settings


def merchant_side(auth: Auth | None) -> MerchantSide:
    """The merchant's side of all schemes together. Raises ``ContractError`` with its place in ``auth``."""
    sides = _made(auth, merchant_of)
    if all(isinstance(side, FixedHeaders) for side in sides):
        return FixedHeaders(*(header for side in sides if isinstance(side, FixedHeaders) for header in side.headers))
    return sides[0] if len(sides) == 1 else SeveralMerchantSides(sides)


def provider_side(auth: Auth | None) -> ProviderSide:
    """The provider's side, for an emulator. Raises ``ContractError`` with its place in ``auth``."""
    return SeveralProviderSides(_made(auth, lambda scheme, settings: scheme.provider(settings)))


def client_certificate(auth: Auth | None) -> CertificateFiles | None:
    """What a client shows when it connects, if the contract has something. Raises ``ContractError``."""
    settings = getattr(auth, "mtls", None)
    files: CertificateFiles | None = settings.files() if settings else None
    return files


def token_holder(side: MerchantSide) -> OAuth2Merchant | None:
    """Who has to be given an access token before this side can sign, if anybody."""
    sides = side.sides if isinstance(side, SeveralMerchantSides) else [side]
    return next((one for one in sides if isinstance(one, OAuth2Merchant)), None)


def token_issuer(side: ProviderSide) -> OAuth2Provider | None:
    """Who gives access tokens for this side, if anybody."""
    sides = side.sides if isinstance(side, SeveralProviderSides) else [side]
    return next((one for one in sides if isinstance(one, OAuth2Provider)), None)


def _made(auth: Auth | None, make: Callable[[Scheme, Any], S]) -> list[S]:
    sides = []
    for scheme, settings in auth.schemes() if auth else ():
        try:
            sides.append(make(scheme, settings))
        except ContractError as error:
            raise error.under(scheme.name) from None
    return sides


class SeveralMerchantSides:
    """Each signs what the one before has made; an answer is genuine if each says so."""

    def __init__(self, sides: list[MerchantSide]) -> None:
        self.sides = sides

    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        for side in self.sides:
            request = side.sign(request, timestamp_nonce)
        return request

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return next(filter(None, (side.problem_of(answer, request, at) for side in self.sides)), "")

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        return next(filter(None, (side.problem_of_callback(callback, at) for side in self.sides)), "")


class SeveralProviderSides:
    """The mirror image."""

    def __init__(self, sides: list[ProviderSide]) -> None:
        self.sides = sides

    def problem_of(self, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        return next(filter(None, (side.problem_of(request, at) for side in self.sides)), "")

    def sign(self, answer: HttpResponse, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpResponse:
        for side in self.sides:
            answer = side.sign(answer, request, timestamp_nonce)
        return answer

    def sign_callback(self, callback: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        for side in self.sides:
            callback = side.sign_callback(callback, timestamp_nonce)
        return callback
