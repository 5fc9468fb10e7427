"""Small providers that lose, burn or lock the orders that they said they have, each with its correct twin."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ackord.core.verdict import Result, Verdict
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

CONTRACT = """
provider: small
version: 1
environment: sandbox
currency: EUR
order_no: {alphabet: "0-9A-Za-z", length: [12, 30]}
accounts:
  main: {auth: {bearer: sk_main}}
  other: {auth: {bearer: sk_other}}
submit:
  request:
    method: POST
    path: /transfers
    json: {id: "${order_no}", amount: "${amount.minor}", payee: "${payee}", message: "${nonce}"}
  answers:
    - {when: {status: 201, $.id: {exists: true}}, observation: ACK}
    - {when: {status: 409, $.code: KNOWN}, observation: DUPLICATE}
    - {when: {status: 409, $.code: IN_PROGRESS}, observation: IN_PROGRESS}
    - {when: {status: 409, $.code: OTHER_AMOUNT}, observation: CONFLICT}
    - {when: {status: 422, $.code: {exists: true}}, observation: REJECTED}
    - {when: {status: 503, $.code: {exists: true}}, observation: RETRYABLE}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, code: $.code}
query:
  request: {method: GET, path: "/transfers/${order_no}"}
  answers:
    - {when: {status: 200, $.status: {exists: true}}, observation: STATUS}
    - {when: {status: 404, $.code: NOT_FOUND}, observation: NOT_FOUND}
    - {when: {status: 503, $.code: {exists: true}}, observation: RETRYABLE}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, code: $.code}
ledger:
  request: {method: GET, path: /entries}
  rows: $.data
  extract: {movement_id: $.id, order_no: $.ref, amount_minor: $.amount}
states: {pending: RECEIVED, posted: SUCCEEDED}
promises: {not_found: forbidden, caches_transient_errors: false, settles_within: 400ms}
limits: {timeout: 1s, orders: 400, amount_minor: 5000}
"""

PROFILE = """
name: tiny
incident: A number that came to nothing.
phases: {disturb: {orders: 24, concurrency: 8}}
workload: {resubmit: 2, lost-answer: 2, other-account: 1, poll: 1}
exposes: [acknowledged-order-visible, order-not-stuck, resubmission-same-order, key-scope-respected]
machine: false
"""
COPIES = "faults: [{fault: duplicate-delivery, copies: 2, share: 1.0, match: {operation: [submit, resubmit]}}]\n"


@dataclass
class Small:
    """Orders by account and number. What an order meets first is told by its number, so a seed means the same orders."""

    mode: str
    orders: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    troubled: set[tuple[str, str]] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def submit(self, account: str, sent: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        key = (account, sent["id"])
        if self.mode == "refuses-replays" and sent["message"] in self.messages:
            return 422, {"code": "REPLAYED_MESSAGE"}
        self.messages.add(sent["message"])
        order = self.orders.get(key)
        if key in self.troubled and self.mode in TAKEN:
            return TAKEN[self.mode]
        if order is None and key not in self.troubled and self.trouble(sent["id"]):
            self.troubled.add(key)
            return 503, {"code": "BUSY"}
        if order is None:
            name = sent["id"] if self.mode == "number-as-id" else f"tr_{len(self.orders)}"
            order = self.orders[key] = {"id": name, "amount": sent["amount"], "at": time.monotonic()}
        elif order["amount"] != sent["amount"]:
            return 409, {"code": "OTHER_AMOUNT"}
        elif self.mode == "plain":
            return 409, {"code": "KNOWN"}
        return 201, self.shown(order)

    def trouble(self, number: str) -> bool:
        return self.mode in ("ok", *TAKEN) and int(number[-1], 36) % 2 == 0

    def shown(self, order: dict[str, Any]) -> dict[str, Any]:
        status = "posted" if time.monotonic() - order["at"] > 0.05 else "pending"
        return {"id": order["id"], "amount": order["amount"], "status": status}

    def query(self, account: str, number: str) -> tuple[int, dict[str, Any]]:
        order = self.orders.get((account, number))
        if order is not None and int(number[-1], 36) % 2 == 0 and self.dark(order):
            return 503, {"code": "TRY_LATER"}
        return (404, {"code": "NOT_FOUND"}) if order is None else (200, self.shown(order))

    def dark(self, order: dict[str, Any]) -> bool:
        """Whether some orders' queries meet an error now."""
        return self.mode == "dark" or (self.mode == "dusk" and time.monotonic() - order["at"] < 0.2)

    def entries(self, account: str) -> tuple[int, dict[str, Any]]:
        mine = [(n, o) for (a, n), o in self.orders.items() if a == account]
        return 200, {"data": [{"id": f"m-{n}", "ref": n, "amount": o["amount"]} for n, o in mine]}


TAKEN: dict[str, tuple[int, dict[str, Any]]] = {
    "forgets": (409, {"code": "KNOWN"}),
    "locks": (409, {"code": "IN_PROGRESS"}),
    "burns": (422, {"code": "ID_ALREADY_FAILED"}),
}
"""What a number that met the transient error is told from then on."""


@contextmanager
def provider(mode: str) -> Iterator[str]:
    small = Small(mode)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with small.lock:
                self.answer(*small.submit(self.headers["authorization"], sent))

        def do_GET(self) -> None:
            account, number = self.headers["authorization"], self.path.rsplit("/", 1)[1]
            with small.lock:
                found = small.entries(account) if number == "entries" else small.query(account, number)
            self.answer(*found)

        def answer(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_address[1]}"
        finally:
            listening.shutdown()
            thread.join()


def verdict(mode: str, tmp_path: Path, *, faults: str = "", contract: str = CONTRACT) -> Verdict:
    (tmp_path / "small.yaml").write_text(contract)
    (tmp_path / "tiny.yaml").write_text(PROFILE + faults)
    with provider(mode) as url:
        options = RunOptions(
            str(tmp_path / "small.yaml"), target=url, profiles=[str(tmp_path / "tiny.yaml")], seed=1,
            out=tmp_path / "out",
        )  # fmt: skip
        plan = make_plan(options)
        with Session(plan) as session:
            return session.run(plan.profiles[0]).verdict


def broken(found: Verdict) -> dict[str, Result]:
    return {g.guarantee: g.result for g in found.guarantees if g.result in (Result.VIOLATED, Result.UNSAFE)}


def test_a_provider_that_keeps_its_word_holds(tmp_path: Path) -> None:
    found = verdict("ok", tmp_path)
    assert broken(found) == {}
    for guarantee in ("acknowledged-order-visible", "order-not-stuck", "resubmission-same-order"):
        assert found.of(guarantee).result is Result.HELD, found.of(guarantee).reason


def test_a_number_that_is_called_a_duplicate_and_never_found(tmp_path: Path) -> None:
    found = verdict("forgets", tmp_path)
    visible = found.of("acknowledged-order-visible")
    assert visible.result is Result.VIOLATED
    assert "after the answer 409 KNOWN to resubmission" in visible.findings[0].summary


@pytest.mark.parametrize(("mode", "words"), [("burns", "ID_ALREADY_FAILED"), ("locks", "IN_PROGRESS")])
def test_a_number_that_an_error_burnt_or_locked_for_ever(mode: str, words: str, tmp_path: Path) -> None:
    stuck = verdict(mode, tmp_path).of("order-not-stuck")
    assert stuck.result is Result.VIOLATED
    assert words in stuck.findings[0].summary


@pytest.mark.parametrize(("mode", "result"), [("dark", Result.VIOLATED), ("dusk", Result.HELD)])
def test_queries_that_meet_errors_for_ever_or_until_the_provider_recovers(
    mode: str, result: Result, tmp_path: Path
) -> None:
    found = verdict(mode, tmp_path)
    converge = found.of("faults-healed-orders-converge")
    assert converge.result is result, converge.reason
    assert broken(found) == ({} if result is Result.HELD else {converge.guarantee: result})
    assert all("nothing ever told what became of the order" in f.summary for f in converge.findings)


def test_a_plain_refusal_where_the_answer_is_promised(tmp_path: Path) -> None:
    assert broken(verdict("plain", tmp_path))["resubmission-same-order"] is Result.VIOLATED


def test_a_plain_refusal_that_is_declared_is_unsafe(tmp_path: Path) -> None:
    declared = CONTRACT.replace("settles_within: 400ms", "settles_within: 400ms, on_same_payload: reject_plain")
    assert broken(verdict("plain", tmp_path, contract=declared)) == {"resubmission-same-order": Result.UNSAFE}


def test_refusing_a_copy_that_the_gateway_made_is_correct(tmp_path: Path) -> None:
    found = verdict("refuses-replays", tmp_path, faults=COPIES)
    assert broken(found) == {}
    assert found.of("resubmission-moves-money-once").result is Result.HELD


def test_the_merchant_s_number_may_be_the_identifier(tmp_path: Path) -> None:
    found = verdict("number-as-id", tmp_path)
    assert broken(found) == {}
    assert found.of("key-scope-respected").result is Result.HELD
