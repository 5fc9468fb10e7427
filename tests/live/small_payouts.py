"""Serves a small correct provider of payouts on loopback, whose answers a test may spoil, and its contract."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ackord.core.clock import MS, RealClock

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
class SmallPayouts:
    """A context manager: the server runs in a thread of its own while it is entered."""

    spoil: Spoil = lambda asked, reply: reply
    refuses: Callable[[Asked], Reply | None] = lambda asked: None
    """Returns a refusal, before anything is done; ``None``: the request is carried out."""
    asked: list[Asked] = field(default_factory=list)
    hangs: bool = False
    """Set, it takes requests and never answers."""
    port: int = 0

    def __enter__(self) -> SmallPayouts:
        self._orders: dict[tuple[str, str], tuple[dict[str, Any], int]] = {}
        self._movements: list[dict[str, Any]] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(self._serve())
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def die(self) -> None:
        """Close the port and every connection, from the thread of the server or another."""
        self._loop.call_soon_threadsafe(self._hang_up)

    def orders(self) -> set[str]:
        """The numbers that were submitted."""
        return {asked.body["reference"] for asked in self.asked if asked.method == "POST"}

    def _do(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _serve(self) -> asyncio.Server:
        return await asyncio.start_server(self._connection, "127.0.0.1", 0)

    def _hang_up(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _close(self) -> None:
        self._hang_up()
        connections = asyncio.all_tasks(self._loop) - {asyncio.current_task(self._loop)}
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                reply = await self._next(reader)
                if reply is None:
                    return
                body = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
                kind = "text/html" if isinstance(reply.body, str) else "application/json"
                headers = {"content-type": kind, "content-length": str(len(body)), **reply.headers}
                head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                writer.write(f"HTTP/1.1 {reply.status} X\r\n{head}\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _next(self, reader: asyncio.StreamReader) -> Reply | None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = lines[0].split(" ")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        keys = [line.split(": ", 1)[1] for line in lines[1:] if line.lower().startswith("authorization: ")]
        body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))) or b"{}")
        asked = Asked(len(self.asked) + 1, method, target, keys[0] if keys else "", body)
        self.asked.append(asked)
        if self.hangs:
            await asyncio.Event().wait()
        return self.spoil(asked, self.refuses(asked) or self._answer(asked))

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
    text = CONTRACT
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands in it {text.count(old)} times"
        text = text.replace(old, new)
    path = folder / "small.yaml"
    path.write_text(text)
    return str(path)
