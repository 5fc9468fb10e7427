"""Verifies with several keys of a provider, of which one replaces the other: any that is valid will do."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ..base.contract_error import ContractError
from ..base.field_types import StrictModel
from ..base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from .base import MerchantSide, Scheme
from .keys import PublicKey
from .signed_strings import signed_strings

__all__ = ["AnyKeyMerchantSide", "RotatedKeys", "merchant_of"]

_KEYS = ("platform_key", "provider_key")
_KEY_IDS = ("platform_serial", "provider_key_id")
"""The fields of a scheme's settings that hold the provider's key, and what it is called in a signature."""


class RotatedKeys(StrictModel):
    """Base of settings whose provider may have several valid keys."""

    further_provider_keys: dict[str, PublicKey] = Field(
        default={},
        description="Further public keys or certificates of the provider that are valid too, by their identifiers "
        "(serial number, `kid`, `keyid`), as while one replaces the other. Where signatures name no key, the "
        "identifiers are only names.",
    )


class AnyKeyMerchantSide:
    """Signs as the first side does; what any of the sides finds genuine, is."""

    def __init__(self, sides: list[MerchantSide]) -> None:
        self._first, self._further = sides[0], sides[1:]

    def sign(self, request: HttpRequest, timestamp_nonce: TimestampNonce) -> HttpRequest:
        return self._first.sign(request, timestamp_nonce)

    def signed_string(self, request: HttpRequest) -> str:
        return next(iter(signed_strings(self._first, request)), "")

    def problem_of(self, answer: HttpResponse, request: HttpRequest, at: TimestampNonce | None = None) -> str:
        problem = self._first.problem_of(answer, request, at)
        if not problem or not all(side.problem_of(answer, request, at) for side in self._further):
            return ""
        return f"{problem} (nor is it genuine by {self._others()})"

    def problem_of_callback(self, callback: HttpRequest, at: TimestampNonce | None = None) -> str:
        problem = self._first.problem_of_callback(callback, at)
        if not problem or not all(side.problem_of_callback(callback, at) for side in self._further):
            return ""
        return f"{problem} (nor is it genuine by {self._others()})"

    def _others(self) -> str:
        return "the further key" if len(self._further) == 1 else f"any of {len(self._further)} further keys"


def merchant_of(scheme: Scheme, settings: Any) -> MerchantSide:
    """Return the merchant's side of a scheme, for all keys that are valid. Raises ``ContractError``."""
    first = scheme.merchant(settings)
    further = getattr(settings, "further_provider_keys", {})
    if not further:
        return first
    key_field = next(name for name in _KEYS if name in type(settings).model_fields)
    id_field = next((name for name in _KEY_IDS if name in type(settings).model_fields), None)
    sides = [first]
    for key_id, key in further.items():
        changed = {key_field: key, **({id_field: key_id} if id_field else {})}
        try:
            sides.append(scheme.merchant(settings.model_copy(update=changed)))
        except ContractError as error:
            at = ("further_provider_keys", key_id)
            raise ContractError(at, error.problem, expected=error.expected, mend=error.mend) from None
    return AnyKeyMerchantSide(sides)
