"""Both sides of a scheme, from the settings as they would stand in a contract."""

from __future__ import annotations

from typing import Any, NamedTuple

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.signing import MerchantSide, ProviderSide
from ackord.contract.spec.auth import Auth, merchant_side, provider_side

MOMENT = TimestampNonce(1_700_000_000, "0a1b2c3d4e5f60718293a4b5c6d7e8f9")
REQUEST = HttpRequest(
    "POST", "/v1/orders?limit=5", (("content-type", "application/json"),), '{"no": "1", "für": "張三"}'.encode()
)
ANSWER = HttpResponse(200, {"content-type": "application/json"}, b'{"status": "OPEN"}')


class Sides(NamedTuple):
    merchant: MerchantSide
    provider: ProviderSide


def sides(**auth: Any) -> Sides:
    """``sides(bearer="sk")``: the two halves of a contract's ``auth``."""
    made = Auth.model_validate(auth)
    return Sides(merchant_side(made), provider_side(made))


def merchant_of(**auth: Any) -> MerchantSide:
    """The merchant alone: nobody here has the private half of a real provider's key."""
    return merchant_side(Auth.model_validate(auth))


def with_header(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
    """The request with another value of a header, or without it."""
    kept = tuple((n, v) for n, v in request.headers if n.lower() != name.lower())
    return request._replace(headers=kept if value is None else (*kept, (name, value)))


def header(request: HttpRequest, name: str) -> str:
    """The value of a header that is there exactly once."""
    (value,) = [v for n, v in request.headers if n.lower() == name.lower()]
    return value
