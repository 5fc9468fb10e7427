"""A provider that states invented movements in the forms of any contract, through the emulator's own writer.

Used in a test's process (``StatementProvider``), and as a program: ``python -m tests.statement_provider CONTRACT
--lines 5000``, which prints its address and serves until its standard input ends. What a statement holds depends on
account and day alone, so two readings can be compared to the last line.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.emulate.domain_requests import InvalidRequest, StatementRequest
from ackord.contract.emulate.domain_responses import MovementsResponse, ProviderMovement
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract

__all__ = ["Book", "StatementProvider", "contract_text"]

_HEAD = """\
provider: small
version: 1
environment: sandbox
accounts:
  main: {auth: {bearer: sk_main}, id: acc_1}
  other: {auth: {bearer: sk_other}, id: acc_2}
submit:
  request: {method: POST, path: /orders, json: {no: "${order_no}", amount: "${amount.minor}"}}
  answers:
    - {when: {status: 200}, observation: ACK}
    - {when: {status: 400}, observation: REJECTED}
    - {when: {status: 5xx}, observation: RETRYABLE}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount}
query:
  request: {method: GET, path: "/orders/${order_no}"}
  answers:
    - {when: {status: 200}, observation: STATUS}
    - {when: {status: 404}, observation: NOT_FOUND}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount}
states: {OPEN: RECEIVED, PAID: SUCCEEDED, BAD: FAILED}
limits: {timeout: 10s}
"""


def contract_text(statement: str) -> str:
    """A contract of invented orders with this statement, whose YAML begins in the first column."""
    indented = "".join(f"  {line}\n" for line in statement.strip().splitlines())
    return f"{_HEAD}statement:\n{indented}"


@dataclass(frozen=True)
class Book:
    """Invented movements: ``lines`` an account and day."""

    lines: int = 10
    late: int = 0
    """Lines at the end of the day that are not stated yet."""
    changed: int = 0
    """Lines whose amount is another one than it was."""
    inserted: int = 0
    """Lines that came to stand before all others."""

    def movements(self, account: str, from_s: int, to_s: int) -> tuple[ProviderMovement, ...]:
        return _movements(self, account, from_s, to_s)


@lru_cache(64)
def _movements(book: Book, account: str, from_s: int, to_s: int) -> tuple[ProviderMovement, ...]:
    """Movements stand evenly over the UTC day; a window gets those in it."""
    found: list[ProviderMovement] = []
    for day in range(from_s // 86_400, (to_s - 1) // 86_400 + 1):
        seed = int.from_bytes(hashlib.sha256(f"{account}/{day}".encode()).digest()[:4])
        first = day * 1_000_000 + 1_000
        numbers = [*range(-book.inserted, 0), *range(book.lines - book.late)]
        step = 86_400 / max(1, book.lines)
        for n in numbers:
            at_s = day * 86_400 + int(max(0, n) * step)
            amount = (seed + n * 7919) % 1_000_000 + 1 + (1 if 0 <= n < book.changed else 0)
            kind = "return" if n % 7 == 3 else "payout"
            number = f"N{seed % 100_000:05}-{day}-{n}"
            if from_s <= at_s < to_s:
                found.append(ProviderMovement(first + n, account, number, f"po_{first + n}", amount, kind, at_s))
    return tuple(found)


@dataclass
class Faults:
    """What goes wrong, by the number of a request (from 1)."""

    busy_every: int = 0
    """Every so many requests get status 503."""
    cut_every: int = 0
    """Every so many answers break off in their middle."""
    inserts: int = 0
    """So many requests find a new line before all others."""
    gone_links: int = 0
    """So many requests for a file find that its link has expired."""
    answers: dict[str, HttpResponse] = field(default_factory=dict)
    """By account: what is answered instead of a statement or its file."""


class StatementProvider:
    """Serves on a port of this machine, as long as it is entered."""

    def __init__(
        self, loaded: LoadedContract, book: Book = Book(), faults: Faults | None = None, *, emulated: bool = True
    ) -> None:
        """``emulated=False``: only what ``faults.answers`` say is answered, to whatever is asked."""
        self.loaded = loaded
        self.book = book
        self.books: dict[str, Book] = {}
        """Of accounts that have one of their own."""
        self.faults = faults or Faults()
        self.requests: list[HttpRequest] = []
        self.now_s = 1_800_000_000
        self._emulation = ContractEmulation(loaded.codec) if emulated else None
        self._lock = threading.Lock()
        self._number = 0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                request = HttpRequest(
                    self.command, self.path, tuple((n.lower(), v) for n, v in self.headers.items()), body
                )
                answer, cut = provider.answer(request)
                self.send_response(answer.status)
                headers = {**answer.headers, "content-length": str(len(answer.body))}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
                self.close_connection = self.close_connection or cut

            do_POST = do_GET

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda request, address: None  # type: ignore[method-assign]  # a client that left
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> StatementProvider:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: HttpRequest) -> tuple[HttpResponse, bool]:
        """Return the answer, and whether it breaks off."""
        with self._lock:
            self._number += 1
            number, faults = self._number, self.faults
            self.requests.append(request)
        if faults.busy_every and number % faults.busy_every == 0:
            return HttpResponse(503, {"retry-after": "0"}, b""), False
        if self._emulation is None:
            return next(iter(faults.answers.values())), False
        moment = TimestampNonce(self.now_s, f"n{number}")
        asked = self._emulation.understand(request, moment)
        if isinstance(asked, InvalidRequest):
            return HttpResponse(400, {}, asked.refusal.message.encode()), False
        if not isinstance(asked, StatementRequest):
            return self._emulation.answer(asked, MovementsResponse((), 0), request, moment), False
        account = asked.account_id or asked.account
        is_file = asked.file or self.loaded.contract.statement.download is None  # type: ignore[union-attr]
        if asked.file and faults.gone_links > 0:
            faults.gone_links -= 1
            return HttpResponse(404, {}, b"expired"), False
        if is_file and account in faults.answers:
            return faults.answers[account], False
        with self._lock:
            if faults.inserts > 0:
                faults.inserts -= 1
                self.book = replace(self.book, inserted=self.book.inserted + 1)
        found = self.books.get(account, self.book).movements(account, asked.from_s, asked.to_s)
        page = _page(found, asked)
        answer = self._emulation.answer(
            asked, MovementsResponse(page, page[-1].id if page else asked.after), request, moment
        )
        return answer, bool(faults.cut_every) and number % faults.cut_every == 0 and len(answer.body) > 1


def _page(movements: tuple[ProviderMovement, ...], asked: StatementRequest) -> tuple[ProviderMovement, ...]:
    behind = [m for m in movements if m.id > asked.after] if asked.after else movements
    return tuple(behind[asked.skip : asked.skip + asked.limit])


def main(arguments: list[str] | None = None, env: Mapping[str, str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("contract", type=Path)
    parser.add_argument("--lines", type=int, default=10)
    parser.add_argument("--busy-every", type=int, default=0)
    parser.add_argument("--cut-every", type=int, default=0)
    given: Any = parser.parse_args(arguments)
    loaded = load_contract(given.contract, env=PlaceholderEnv(env or {}))
    faults = Faults(busy_every=given.busy_every, cut_every=given.cut_every)
    with StatementProvider(loaded, Book(given.lines), faults) as provider:
        print(provider.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
