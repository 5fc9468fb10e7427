"""Shipped contracts at work: their requests as they are rendered, and answers of the documentation as they are read."""

from __future__ import annotations

import functools
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, Payment, RequestContext, ResponseContext
from ackord.contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract
from ackord.core.operation import OperationKind

__all__ = [
    "MOMENT",
    "TOKEN",
    "body_of",
    "codec",
    "headers_of",
    "loaded",
    "order",
    "query_of",
    "request_context",
    "seen",
]

MOMENT = TimestampNonce(1_793_000_000, "9f8e7d6c")
"""2026-10-26T07:33:20Z."""


TOKEN = "a-token"
"""What OAuth gave, where a contract asks for it."""


@functools.cache
def loaded(name: str) -> LoadedContract:
    """A shipped contract, each of whose secrets is ``emulated-`` and its variable's name."""
    return load_contract(name, env=PlaceholderEnv())


def codec(name: str) -> Codec:
    found = loaded(name).codec
    for holder in found.token_holders.values():
        holder.token = TOKEN
    return found


def order(name: str, order_no: str, amount_minor: int = 1999, *, payee: str = "payee-7", account: str = "") -> Payment:
    contract = loaded(name).contract
    created_s = MOMENT.unix_s - 60
    return Payment(order_no, account or contract.owner, amount_minor, contract.currency, payee, created_s)


def request_context(**captured: str) -> RequestContext:
    return RequestContext(MOMENT, "https://merchant.example/callbacks", captured)


def body_of(request: HttpRequest) -> Any:
    """A body of JSON or of form fields, as plain data."""
    text = request.body.decode()
    return json.loads(text) if text.startswith("{") else dict(parse_qsl(text, keep_blank_values=True))


def query_of(request: HttpRequest) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))


def headers_of(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers}


def seen(
    name: str,
    kind: OperationKind,
    status: int,
    body: Any,
    *,
    order_no: str = "",
    provider_id: str | None = None,
    **headers: str,
) -> tuple[str, str, str | None, int | None]:
    """Observation, state, the provider's identifier and the amount in an answer whose body is plain data or text;
    signatures are not looked at.
    """
    text = body if isinstance(body, str) else json.dumps(body)
    answer = HttpResponse(status, {k.replace("_", "-"): v for k, v in headers.items()}, text.encode())
    reading = codec(name).read(kind, answer, ResponseContext(order_no, provider_id))
    return reading.observation.value, reading.state.name, reading.provider_id, reading.amount_minor
