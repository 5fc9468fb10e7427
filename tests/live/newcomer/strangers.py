"""Two payout APIs that nobody here has seen, served on loopback: their documents stand in ``documents``.

Their shapes are those of public documents of providers; names, texts and rules are our own. Each is correct, and each has
three defects that can be switched on.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from ackord.core.clock import MS, RealClock

from ..loopback_server import LoopbackServer, ServedRequest, response

__all__ = ["KEYS", "ArchipelagoPayouts", "RupeeTransfers"]

KEYS = {"PROVIDER_KEY": "sandbox-secret-1", "PROVIDER_OTHER_KEY": "sandbox-secret-2"}
ACCOUNTS = {"PROVIDER_ACCOUNT": "client-1", "PROVIDER_OTHER_ACCOUNT": "client-2"}
_CLOCK = RealClock()
_LATE_NS, _SENT_NS, _PAID_NS = 120 * MS, 100 * MS, 200 * MS

_Answer = tuple[int, dict[str, Any]]


class _Stranger(LoopbackServer):
    """Orders in memory, by account and number; each is paid after a moment."""

    documented: ClassVar[str]
    """The name of its document."""

    def __init__(self, defect: str = "") -> None:
        self.defect = defect
        self.orders: dict[tuple[str, str], tuple[dict[str, Any], int, str]] = {}
        """What was asked, when, and the identifier."""
        self.more: list[tuple[str, str]] = []
        """The keys of orders that were paid once more."""

    async def respond(self, request: ServedRequest, writer: asyncio.StreamWriter) -> bytes | None:
        address = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        return response(*self.answer(request, address.path, asked))

    def answer(self, request: ServedRequest, path: str, asked: Mapping[str, str]) -> _Answer:
        raise NotImplementedError

    def age_ns(self, key: tuple[str, str]) -> int:
        return _CLOCK.now_ns() - self.orders[key][1]

    def word(self, key: tuple[str, str], *words: str) -> str:
        """The status word of an order's age: accepted, sent, paid."""
        age = self.age_ns(key)
        return words[(age > _SENT_NS) + (age > _PAID_NS)]


class ArchipelagoPayouts(_Stranger):
    """Asks for orders by the merchant's reference, in a list; the same key is answered with the order as it stands.

    Defects: ``late`` (an order is listed a moment after the acknowledgement), ``twice`` (the same request pays again),
    ``altered`` (another amount under the key is taken for the same request).
    """

    documented = "archipelago-payouts.json"

    def answer(self, request: ServedRequest, path: str, asked: Mapping[str, str]) -> _Answer:
        user, _, password = base64.b64decode(request.headers.get("authorization", "")[6:]).decode().partition(":")
        if user not in KEYS.values() or password:
            return 401, {"error_code": "INVALID_API_KEY", "message": "The key is not known."}
        if path != "/v2/payouts":
            return 404, {"error_code": "DATA_NOT_FOUND", "message": "There is nothing here."}
        if request.method == "POST":
            return self._submitted(user, request)
        mine = [key for key in (*self.orders, *self.more) if key == (user, asked.get("reference_id", ""))]
        if self.defect == "late":
            mine = [key for key in mine if self.age_ns(key) > _LATE_NS]
        return 200, {"data": [self._shown(key, count) for count, key in enumerate(mine)], "has_more": False}

    def _submitted(self, user: str, request: ServedRequest) -> _Answer:
        body, key = json.loads(request.body), (user, request.headers.get("idempotency-key", ""))
        if not key[1] or body.get("reference_id") != key[1] or not isinstance(body.get("amount"), int | float):
            return 400, {"error_code": "API_VALIDATION_ERROR", "message": "The key or the amount is missing."}
        known = self.orders.setdefault(key, (body, _CLOCK.now_ns(), f"po-{len(self.orders)}"))
        if known[0] != body and self.defect != "altered":
            return 409, {"error_code": "DUPLICATE_ERROR", "message": "This key belongs to another payout."}
        if known[0] is not body and self.defect == "twice":
            self.more.append(key)
            return 200, self._shown(key, self.more.count(key))
        return 200, self._shown(key)

    def _shown(self, key: tuple[str, str], count: int = 0) -> dict[str, Any]:
        body, _, found = self.orders[key]
        status = self.word(key, "ACCEPTED", "REQUESTED", "SUCCEEDED")
        return {**body, "id": f"{found}-{count}" if count else found, "status": status, "business_id": key[0]}


class RupeeTransfers(_Stranger):
    """Asks for orders by the merchant's number, which is one of two parameters; keys come in pairs.

    Defects: ``failed-first`` (an order that is not sent yet is shown as FAILED), ``rounded`` (a query shows whole
    rupees), ``another-id`` (a query shows another identifier than the acknowledgement).
    """

    documented = "rupee-transfers.yaml"

    def answer(self, request: ServedRequest, path: str, asked: Mapping[str, str]) -> _Answer:
        pair = (request.headers.get("x-client-id", ""), request.headers.get("x-client-secret", ""))
        if pair not in zip(ACCOUNTS.values(), KEYS.values(), strict=True):
            return 401, _problem("authentication_error", "unauthorized")
        if path != "/payout/transfers" or request.headers.get("x-api-version") != "2024-01-01":
            return 400, _problem("invalid_request_error", "version_missing")
        if request.method == "POST":
            return self._submitted(pair[0], json.loads(request.body))
        key = (pair[0], asked.get("transfer_id", ""))
        return (200, self._asked(key)) if key in self.orders else (404, _problem(code="transfer_not_found"))

    def _submitted(self, client: str, body: dict[str, Any]) -> _Answer:
        key = (client, str(body.get("transfer_id", "")))
        if not key[1] or not body.get("beneficiary_details", {}).get("beneficiary_id") or body["transfer_amount"] < 1:
            return 400, _problem(code="transfer_invalid")
        known = self.orders.setdefault(key, (body, _CLOCK.now_ns(), f"rt{len(self.orders)}"))
        return (200, self._shown(key)) if known[0] == body else (409, _problem(code="transfer_id_exists"))

    def _asked(self, key: tuple[str, str]) -> dict[str, Any]:
        shown = self._shown(key)
        if self.defect == "failed-first" and shown["status"] == "RECEIVED":
            return {**shown, "status": "FAILED"}
        if self.defect == "rounded":
            return {**shown, "transfer_amount": int(shown["transfer_amount"])}
        return {**shown, "rt_transfer_id": f"{shown['rt_transfer_id']}0"} if self.defect == "another-id" else shown

    def _shown(self, key: tuple[str, str]) -> dict[str, Any]:
        body, _, found = self.orders[key]
        status = self.word(key, "RECEIVED", "PENDING", "SUCCESS")
        return {**body, "rt_transfer_id": found, "status": status, "status_code": status}


def _problem(kind: str = "invalid_request_error", code: str = "") -> dict[str, Any]:
    return {"type": kind, "code": code, "message": code.replace("_", " ")}
