"""Serves a small provider of payouts on loopback that counts what it is sent and what it pays, and its contract."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ackord.core.clock import SECOND, RealClock

from ..waiting import PATIENCE_S

__all__ = ["CONTRACT", "Paid", "PayingProvider", "Request", "contract_file"]

CONTRACT = """
provider: paying
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
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, code: $.error}
ledger:
  request: {method: GET, path: /movements, query: {after: "${cursor}"}}
  rows: $.data
  next: $.next
  extract: {movement_id: $.id, order_no: $.reference, amount_minor: $.amount}
states: {paid: SUCCEEDED}
promises: {not_found: forbidden, settles_within: 2s}
limits: {timeout: 1s}
"""
_PAGE = 500
_CLOCK = RealClock()


class Request(NamedTuple):
    at_ns: int
    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


class Paid(NamedTuple):
    """A movement."""

    id: str
    account: str
    reference: str
    amount: int


Answer = tuple[int, dict[str, Any] | bytes]
"""Status and body."""


@dataclass
class PayingProvider:
    """A context manager; the server runs in a thread of its own.

    ``pays_altered``: pay the same number again if the amount differs, and so be wrong. ``allowed``: amounts that are
    not refused. ``instead``: gets a request and returns the answer, or bytes that are sent as they are before the
    provider falls silent, or ``None`` for the right answer. ``more``: further fields of right answers. ``keys``: bearer
    tokens that are accepted.
    """

    pays_altered: bool = False
    allowed: Callable[[int], bool] = lambda amount: True
    instead: Callable[[Request], Answer | bytes | None] = lambda request: None
    more: Callable[[Request], dict[str, Any]] = lambda request: {}
    keys: tuple[str, ...] = ("sk_main", "sk_other")
    requests: list[Request] = field(default_factory=list)
    movements: list[Paid] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> PayingProvider:
        self._known: dict[tuple[str, str], int] = {}
        self._numbers = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        server = self._do(self._start())
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

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

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    async def _start(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _stop(self) -> None:
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task(self._loop)}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await self._read(reader)
                self.requests.append(request)
                answer = self.instead(request)
                if isinstance(answer, bytes):
                    writer.write(answer)
                    await asyncio.Event().wait()
                status, body = answer or self._answer(request)
                if isinstance(body, dict):
                    body = {**body, **self.more(request)}
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
                writer.write(head.encode() + data)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Request(_CLOCK.now_ns(), method, path, headers, body)

    def _answer(self, request: Request) -> Answer:
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
    text = CONTRACT
    for old, new in [*changes, *([("limits: {timeout: 1s", f"limits: {{timeout: 1s, {limits}")] if limits else [])]:
        assert text.count(old) == 1, f"{old!r} stands in it {text.count(old)} times"
        text = text.replace(old, new)
    path = folder / "paying.yaml"
    path.write_text(text)
    return str(path)
