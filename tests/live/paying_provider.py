"""Serves a small provider of payouts on loopback that counts what it is sent and what it pays, and its contract."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ackord.core.clock import SECOND

from .loopback_server import LoopbackServer, ServedRequest, changed, response
from .small_payouts import CONTRACT as OF_SMALL_PAYOUTS

__all__ = ["CONTRACT", "Answer", "Paid", "PayingProvider", "contract_file"]

CONTRACT = changed(
    OF_SMALL_PAYOUTS,
    ("provider: small-payouts", "provider: paying"),
    ("limits: {timeout: 500ms, orders: 400, amount_minor: 4000}", "limits: {timeout: 1s}"),
)
_PAGE = 500


class Paid(NamedTuple):
    """A movement."""

    id: str
    account: str
    reference: str
    amount: int


Answer = tuple[int, dict[str, Any] | bytes]
"""Status and body."""


@dataclass
class PayingProvider(LoopbackServer):
    """Counts what it is sent and what it pays.

    ``pays_altered``: pay the same number again if the amount differs, and so be wrong. ``allowed``: amounts that are
    not refused. ``instead``: gets a request and returns the answer, or bytes that are sent as they are before the
    provider falls silent, or ``None`` for the right answer. ``more``: further fields of right answers. ``keys``: bearer
    tokens that are accepted.
    """

    pays_altered: bool = False
    allowed: Callable[[int], bool] = lambda amount: True
    instead: Callable[[ServedRequest], Answer | bytes | None] = lambda request: None
    more: Callable[[ServedRequest], dict[str, Any]] = lambda request: {}
    keys: tuple[str, ...] = ("sk_main", "sk_other")
    requests: list[ServedRequest] = field(default_factory=list)
    movements: list[Paid] = field(default_factory=list)
    _known: dict[tuple[str, str], int] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def submitted(self) -> list[tuple[str, str, int]]:
        """Account, number and amount of every submit and resubmission."""
        posts = [r for r in self.requests if r.method == "POST"]
        bodies = [json.loads(r.body) for r in posts]
        return [(r.headers["authorization"], b["reference"], b["amount"]) for r, b in zip(posts, bodies, strict=True)]

    def closest_ns(self) -> int:
        """The shortest time between two requests."""
        return min(b.at_ns - a.at_ns for a, b in itertools.pairwise(self.requests))

    def per_second(self) -> float:
        """Requests a second from the first to the last."""
        took_ns = self.requests[-1].at_ns - self.requests[0].at_ns
        return (len(self.requests) - 1) * SECOND / took_ns

    async def respond(self, request: ServedRequest, writer: asyncio.StreamWriter) -> bytes | None:
        self.requests.append(request)
        answer = self.instead(request)
        if isinstance(answer, bytes):
            writer.write(answer)
            await asyncio.Event().wait()
        status, body = answer if isinstance(answer, tuple) else self._answer(request)
        return response(status, {**body, **self.more(request)} if isinstance(body, dict) else body)

    def _answer(self, request: ServedRequest) -> Answer:
        account = request.headers.get("authorization", "")
        if account.removeprefix("Bearer ") not in self.keys:
            return 401, {"error": "bad_key"}
        if request.method == "POST":
            return self._submit(account, json.loads(request.body))
        if request.path.startswith("/movements"):
            begin = int(request.path.partition("after=")[2] or 0)
            own = [m for m in self.movements if m.account == account]
            page = [{"id": m.id, "reference": m.reference, "amount": m.amount} for m in own[begin : begin + _PAGE]]
            return 200, {"data": page, "next": str(begin + _PAGE) if begin + _PAGE < len(own) else None}
        number = request.path.partition("?")[0].rpartition("/")[2]
        amount = self._known.get((account, number))
        return (404, {"error": "not_found"}) if amount is None else (200, self._shown(account, number, amount))

    def _submit(self, account: str, body: dict[str, Any]) -> Answer:
        number, amount = body["reference"], body["amount"]
        if not self.allowed(amount):
            return 422, {"error": "amount_not_allowed"}
        known = self._known.setdefault((account, number), amount)
        if known != amount and not self.pays_altered:
            return 409, {"error": "reference_reused"}
        if not any(m[1:] == (account, number, amount) for m in reversed(self.movements)):
            self.movements.append(Paid(f"mv{next(self._numbers)}", account, number, amount))
        return 201, self._shown(account, number, known)

    def _shown(self, account: str, number: str, amount: int) -> dict[str, Any]:
        return {"id": f"po-{account[-4:]}-{number}", "status": "paid", "amount": amount}


def contract_file(folder: Path, *changes: tuple[str, str], limits: str = "") -> str:
    """Write the contract with ``changes``, each of which must fit once, and more ``limits``; return its path."""
    more = [("limits: {timeout: 1s", f"limits: {{timeout: 1s, {limits}")] if limits else []
    path = folder / "paying.yaml"
    path.write_text(changed(CONTRACT, *changes, *more))
    return str(path)
