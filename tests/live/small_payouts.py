"""Serves a small correct provider of payouts on loopback, whose answers a test may spoil, and its contract."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ackord.core.clock import MS, RealClock

from .loopback_server import LoopbackServer, ServedRequest, changed, response

__all__ = ["CONTRACT", "LEDGER", "TINY", "Asked", "Certify", "Reply", "SmallPayouts", "contract_at"]

CONTRACT = """
provider: small-payouts
version: 1
environment: sandbox
currency: EUR
order_no: {alphabet: "0-9A-Za-z-", length: [6, 40]}
accounts:
  main: {auth: {bearer: sk_main}}
  other: {auth: {bearer: sk_other}}
submit:
  request: {method: POST, path: /payouts, json: {reference: "${order_no}", amount: "${amount.minor}", to: "${payee}"}}
  answers:
    - {when: {status: 201, $.id: {exists: true}}, observation: ACK}
    - {when: {status: 409, $.error: reference_reused}, observation: CONFLICT}
    - {when: {status: [401, 422], $.error: {exists: true}}, observation: REJECTED}
    - {when: {status: 5xx, $.error: {exists: true}}, observation: RETRYABLE}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, code: $.error}
query:
  request: {method: GET, path: "/payouts/${order_no}"}
  answers:
    - {when: {status: 200, $.status: {exists: true}}, observation: STATUS}
    - {when: {status: 404, $.error: not_found}, observation: NOT_FOUND}
    - {when: {status: 401, $.error: {exists: true}}, observation: REJECTED}
    - {when: {status: 5xx, $.error: {exists: true}}, observation: RETRYABLE}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, code: $.error}
ledger:
  request: {method: GET, path: /movements, query: {after: "${cursor}"}}
  rows: $.data
  next: $.next
  extract: {movement_id: $.id, order_no: $.reference, amount_minor: $.amount}
states: {pending: RECEIVED, paid: SUCCEEDED}
promises: {not_found: forbidden, settles_within: 2s}
limits: {timeout: 500ms, orders: 400, amount_minor: 4000}
"""
LEDGER = CONTRACT[CONTRACT.index("ledger:") : CONTRACT.index("states:")]
"""The contract's section ``ledger``."""
TINY = """
name: tiny
incident: A handful of orders.
phases: {steady: {orders: 12, concurrency: 6}}
workload: {plain: 1, resubmit: 1}
exposes: [acknowledged-order-visible, resubmission-moves-money-once]
machine: false
"""
_KEYS = ("Bearer sk_main", "Bearer sk_other")
_PAID_AFTER_NS = 60 * MS
_LEDGER_PAGE = 500
_CLOCK = RealClock()


class Asked(NamedTuple):
    """A request as the provider sees it."""

    count: int
    """Its number, from 1."""
    method: str
    path: str
    key: str
    body: dict[str, Any]


class Reply(NamedTuple):
    status: int
    body: dict[str, Any] | str
    headers: dict[str, str] = {}  # noqa: RUF012 - nobody changes it


class Certify(Protocol):
    """Certifies a provider under the profile ``TINY``, or those that ``words`` name."""

    def __call__(
        self, provider: SmallPayouts, *words: str, changes: tuple[tuple[str, str], ...] = ()
    ) -> tuple[int, str]:
        """Return the exit code, and what was printed, on one line. ``changes`` are made to the contract."""
        ...


Spoil = Callable[[Asked, Reply], Reply | None]
"""Gets a request and the right answer; returns the answer to send, or ``None`` to hang up."""


@dataclass
class SmallPayouts(LoopbackServer):
    """A correct provider, whose answers ``spoil`` may change."""

    spoil: Spoil = lambda asked, reply: reply
    refuses: Callable[[Asked], Reply | None] = lambda asked: None
    """Returns a refusal, before anything is done; ``None``: the request is carried out."""
    asked: list[Asked] = field(default_factory=list)
    hangs: bool = False
    """Set, it takes requests and never answers."""
    _orders: dict[tuple[str, str], tuple[dict[str, Any], int]] = field(default_factory=dict)
    _movements: list[dict[str, Any]] = field(default_factory=list)

    def orders(self) -> set[str]:
        """The numbers that were submitted."""
        return {asked.body["reference"] for asked in self.asked if asked.method == "POST"}

    async def respond(self, request: ServedRequest, writer: asyncio.StreamWriter) -> bytes | None:
        key, body = request.headers.get("authorization", ""), json.loads(request.body or b"{}")
        asked = Asked(len(self.asked) + 1, request.method, request.path, key, body)
        self.asked.append(asked)
        if self.hangs:
            await asyncio.Event().wait()
        reply = self.spoil(asked, self.refuses(asked) or self._answer(asked))
        return None if reply is None else response(*reply)

    def _answer(self, asked: Asked) -> Reply:
        if asked.key not in _KEYS:
            return Reply(401, {"error": "bad_key"})
        if asked.method == "POST":
            return self._submitted(asked.key, asked.body)
        if asked.path.startswith("/movements"):
            start = int(asked.path.partition("after=")[2] or 0)
            page = self._movements[start : start + _LEDGER_PAGE]
            after = start + len(page)
            return Reply(200, {"data": page, "next": str(after) if after < len(self._movements) else None})
        key = (asked.key, asked.path.rpartition("/")[2])
        return Reply(200, self._shown(key)) if key in self._orders else Reply(404, {"error": "not_found"})

    def _submitted(self, key: str, body: dict[str, Any]) -> Reply:
        number = body["reference"]
        known = self._orders.get((key, number))
        if known is not None and known[0] != body:
            return Reply(409, {"error": "reference_reused"})
        if known is None:
            self._orders[key, number] = (body, _CLOCK.now_ns())
            if key == _KEYS[0]:
                movement = {"id": f"mv{len(self._movements)}", "reference": number, "amount": body["amount"]}
                self._movements.append(movement)
        return Reply(201, self._shown((key, number)))

    def _shown(self, key: tuple[str, str]) -> dict[str, Any]:
        body, made_ns = self._orders[key]
        status = "paid" if _CLOCK.now_ns() - made_ns > _PAID_AFTER_NS else "pending"
        return {"id": f"po-{key[0][-5:]}-{key[1]}", "status": status, "amount": body["amount"]}


def contract_at(folder: Path, *changes: tuple[str, str]) -> str:
    """The path of the contract with these changes; each must fit exactly once."""
    path = folder / "small.yaml"
    path.write_text(changed(CONTRACT, *changes))
    return str(path)
