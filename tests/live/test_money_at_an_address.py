"""Providers at an address whose answers are right and whose money is not, each beside its correct twin."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

from ..tiers import gate

CONTRACT = """\
provider: small
version: 1
environment: sandbox
hosts: {books: HOST}
order_no: {alphabet: "0-9A-Za-z", length: [12, 30]}
accounts: {main: {auth: {bearer: sk_main}}, other: {auth: {bearer: sk_other}}}
submit:
  request: {method: POST, path: /payouts, json: {no: "${order_no}", amount: "${amount.minor}", to: "${payee}"}}
  answers:
    - {when: {status: 201, $.id: {exists: true}}, observation: ACK}
    - {when: {status: 409, $.code: {exists: true}}, observation: CONFLICT}
    - {when: {status: 422, $.code: {exists: true}}, observation: REJECTED}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, payee: $.to, code: $.code}
query:
  request: {method: GET, path: "/payouts/${order_no}"}
  answers:
    - {when: {status: 200, $.status: {exists: true}}, observation: STATUS}
    - {when: {status: 404, $.code: {exists: true}}, observation: NOT_FOUND}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, payee: $.to, code: $.code}
ledger:
  request: LEDGER
  rows: $.data
  extract: {movement_id: $.id, ROWamount_minor: $.amount, currency: $.currency}
states: {pending: RECEIVED, paid: SUCCEEDED}
promises: {settles_within: 2s, posts_within: 300ms}
limits: {timeout: 2s, orders: 50, amount_minor: 5000}
"""
PROFILE = """\
name: few
incident: None; a few orders are submitted and asked for.
phases: {disturb: {orders: 8, concurrency: 2}}
workload: {resubmit: 1}
exposes: [payout-as-ordered, resubmission-moves-money-once]
machine: false
"""
WHOLE = "{method: GET, path: /moves}"
BY_ORDER = '{method: GET, path: "/moves/${order_no}", host: books}'


WRONG = [
    ("tenfold", WHOLE, "payout-as-ordered"),
    ("tenfold", BY_ORDER, "payout-as-ordered"),
    ("currency", WHOLE, "payout-as-ordered"),
    ("unpaid", WHOLE, "succeeded-order-paid"),
    ("unpaid", BY_ORDER, "succeeded-order-paid"),
    ("refused", WHOLE, "refused-order-not-paid"),
    ("refused", BY_ORDER, "refused-order-not-paid"),
    ("cut", WHOLE, "unordered-number-not-paid"),
    ("capitals", WHOLE, "unordered-number-not-paid"),
    ("another id", WHOLE, "provider-id-stable"),
    ("another payee", WHOLE, "order-shown-as-submitted"),
]


class SmallProvider:
    """Orders in memory, paid at once; ``mode`` says what is wrong with it."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.orders: dict[tuple[str, str], dict[str, Any]] = {}
        self.moves: list[dict[str, Any]] = []
        if mode == "long used":
            self.moves.append(
                {"id": "m0", "key": "Bearer sk_main", "no": "INV77", "amount": 7, "currency": "EUR", "at": 0}
            )
        self.numbers = count(1)
        self.lock = threading.Lock()

    def submit(self, key: str, sent: dict[str, Any]) -> tuple[int, Any]:
        known = self.orders.get((key, sent["no"]))
        if known is not None and (known["amount"], known["to"]) != (sent["amount"], sent["to"]):
            return 409, {"code": "reused"}
        if known is not None and self.mode == "pays again":
            self.pay(next(self.numbers), key, sent)
        if known is None:
            n = next(self.numbers)
            known = self.orders[key, sent["no"]] = {**sent, "id": f"po_{n}", "status": "paid"}
            self.pay(n, key, sent)
        return (422, {"code": "refused"}) if self.mode == "refused" else (201, known)

    def pay(self, n: int, key: str, sent: dict[str, Any]) -> None:
        number, amount = sent["no"], sent["amount"]
        row = {"id": f"m{n}", "key": key, "no": number, "amount": amount, "currency": "EUR", "at": time.monotonic()}
        changed: dict[str, dict[str, Any]] = {
            "tenfold": {"amount": amount * 10},
            "currency": {"currency": "USD"},
            "cut": {"no": number[:-1]},
            "capitals": {"no": number.swapcase()},
            "one id": {"id": "m1"},
            "late": {"at": time.monotonic() + 0.2},
        }
        if self.mode == "made up" and n == 3:
            self.moves.append(row | {"id": "m-made-up", "no": "INV77"})
        if self.mode != "unpaid":
            self.moves.append(row | changed.get(self.mode, {}))

    def query(self, key: str, number: str) -> tuple[int, Any]:
        known = self.orders.get((key, number))
        if known is None or self.mode == "refused":
            return 404, {"code": "unknown"}
        if self.mode == "another id":
            return 200, known | {"id": f"tr_{known['id']}"}
        if self.mode == "another payee":
            return 200, known | {"to": "somebody"}
        return 200, known

    def ledger(self, key: str, number: str) -> tuple[int, Any]:
        rows = [m for m in self.moves if m["key"] == key and m["at"] <= time.monotonic()]
        return 200, {"data": [m for m in rows if not number or m["no"] == number]}

    def answer(self, method: str, path: str, key: str, body: bytes) -> tuple[int, Any]:
        _, kind, *rest = path.split("/")
        with self.lock:
            if method == "POST":
                return self.submit(key, json.loads(body))
            return (self.query if kind == "payouts" else self.ledger)(key, rest[0] if rest else "")


@contextmanager
def served(mode: str) -> Iterator[str]:
    provider = SmallProvider(mode)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            key = self.headers.get("authorization", "")
            status, body = provider.answer(self.command, self.path, key, self.rfile.read(length))
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def judged(
    folder: Path, mode: str, request: str, *, shared: bool = True, movement_id: str = "movement_id: $.id, "
) -> ProfileResult:
    with served(mode) as url:
        text = CONTRACT.replace("HOST", f'"{url}"').replace("LEDGER", request)
        text = text.replace("rows: $.data", f"rows: $.data\n  shared: {str(shared).lower()}")
        text = text.replace("movement_id: $.id, ", movement_id)
        (folder / "small.yaml").write_text(text.replace("ROW", "order_no: $.no, " if request == WHOLE else ""))
        (folder / "few.yaml").write_text(PROFILE)
        wish = RunOptions(
            str(folder / "small.yaml"), target=url, profiles=[str(folder / "few.yaml")], seed=1, out=folder / "out"
        )
        plan = make_plan(wish)
        with Session(plan) as session:
            return session.run(plan.profiles[0])


@pytest.mark.parametrize("request_", [WHOLE, BY_ORDER], ids=["whole", "by order"])
@pytest.mark.parametrize("mode", ["right", "late"])
def test_what_is_paid_as_ordered_is_held(tmp_path: Path, mode: str, request_: str) -> None:
    """A ledger of all orders or one by order, which may show a payout a moment later."""
    verdict = judged(tmp_path, mode, request_).verdict
    assert verdict.result is Result.HELD, verdict
    for guarantee in ("succeeded-order-paid", "payout-as-ordered", "order-shown-as-submitted", "provider-id-stable"):
        assert verdict.of(guarantee).result is Result.HELD
        assert verdict.of(guarantee).exposures >= 8


@pytest.mark.parametrize(("mode", "request_", "guarantee"), gate(WRONG, WRONG[::3]))
def test_what_is_wrong_with_the_money_is_found(tmp_path: Path, mode: str, request_: str, guarantee: str) -> None:
    verdict = judged(tmp_path, mode, request_).verdict
    assert verdict.of(guarantee).result is Result.VIOLATED, verdict


@pytest.mark.parametrize(
    ("mode", "shared", "result"),
    [
        ("made up", True, Result.HELD),
        ("made up", False, Result.VIOLATED),
        ("long used", False, Result.HELD),
    ],
)
def test_a_payout_under_an_unknown_number_is_told_and_where_nobody_else_pays_it_is_found(
    tmp_path: Path, mode: str, shared: bool, result: Result
) -> None:
    verdict = judged(tmp_path, mode, WHOLE, shared=shared).verdict
    orphan = verdict.of("unordered-number-not-paid")
    assert orphan.result is result, verdict
    assert [f.order for f in orphan.findings] == (["INV77"] if result is Result.VIOLATED else [])
    told = [note for note in verdict.notes if note.startswith("1 movement in the ledger ")]
    assert len(told) == (result is Result.HELD)


def test_rows_with_one_identifier_are_no_ledger(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "one id", WHOLE).verdict
    got = verdict.of("resubmission-moves-money-once")
    assert got.result is Result.INCONCLUSIVE
    assert "two rows have one identifier, m1" in got.reason


@pytest.mark.parametrize("request_", [WHOLE, BY_ORDER], ids=["whole", "by order"])
@pytest.mark.parametrize(("mode", "result"), [("pays again", Result.VIOLATED), ("right", Result.HELD)])
def test_where_rows_have_no_identifier_each_row_is_a_movement(
    tmp_path: Path, mode: str, result: Result, request_: str
) -> None:
    verdict = judged(tmp_path, mode, request_, movement_id="").verdict
    assert verdict.of("resubmission-moves-money-once").result is result, verdict
    assert verdict.result is result


@pytest.mark.parametrize(("mode", "result"), [("pays again", Result.INCONCLUSIVE), ("right", Result.HELD)])
def test_an_order_s_identifier_is_no_movement_s_and_the_reason_says_how_to_mend_it(
    tmp_path: Path, mode: str, result: Result
) -> None:
    verdict = judged(tmp_path, mode, WHOLE, movement_id="movement_id: $.no, ").verdict
    got = verdict.of("resubmission-moves-money-once")
    assert got.result is result
    assert ("leave it out, and each row is a movement" in got.reason) is (result is Result.INCONCLUSIVE)


def test_an_emulator_serves_a_ledger_by_order_at_another_host(tmp_path: Path) -> None:
    text = CONTRACT.replace("HOST", '"http://127.0.0.1:9"').replace("LEDGER", BY_ORDER).replace("ROW", "")
    (tmp_path / "small.yaml").write_text(text)
    (tmp_path / "few.yaml").write_text(PROFILE)
    wish = RunOptions(str(tmp_path / "small.yaml"), target="emulator", profiles=[str(tmp_path / "few.yaml")], seed=1)
    plan = make_plan(replace(wish, out=tmp_path / "out"))
    with Session(plan) as session:
        verdict = session.run(plan.profiles[0]).verdict
    assert verdict.result is Result.HELD, verdict
    assert verdict.of("payout-as-ordered").exposures >= 8
