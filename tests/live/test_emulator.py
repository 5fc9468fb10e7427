"""The emulator as a merchant meets it: a contract served over a real primary and standby, by nodes that crash, with
callbacks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from ackord.chaos.chaos_process import ChaosProcess
from ackord.client.callback_listener import listen
from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Codec, Interpretation, Payment, Period
from ackord.contract.loading.loader import load_contract
from ackord.core.clock import RealClock
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises, SamePayloadAnswer
from ackord.errors import EnvironmentFailed
from ackord.host.child_process import ChildProcess
from ackord.host.run_dir import RunDir
from ackord.providers.service.behavior import ProviderBehavior

from .stated_rows import stated_rows
from .test_reference import free_port, new_number, until

SIGNED = {
    "secret": "s1",
    "callback": {
        "string": "${timestamp}.${body}",
        "headers": {"x-signature": "t=${timestamp},v1=${signature}"},
        "tolerance": "5m",
    },
}
CONTRACT: dict[str, Any] = {
    "provider": "form-bank",
    "version": 1,
    "environment": "sandbox",
    "order_no": {"alphabet": "0-9A-Za-z-", "length": [8, 40]},
    "accounts": {"main": {"auth": {"bearer": "k1", "hmac": SIGNED}}, "other": {"auth": {"bearer": "k2"}}},
    "submit": {
        "request": {
            "method": "POST",
            "path": "/transfers",
            "form": {"ref": "${order_no}", "value": "${amount.major}", "cur": "${currency}", "to": "${payee}"},
        },
        "answers": [
            {"when": {"status": 201, "$.id": {"exists": True}}, "observation": "ACK"},
            {"when": {"status": 409, "$.error": "duplicate"}, "observation": "DUPLICATE"},
            {"when": {"status": 422, "$.error": "conflict"}, "observation": "CONFLICT"},
            {"when": {"status": 503}, "observation": "RETRYABLE"},
        ],
        "extract": {"provider_id": "$.id", "state": "$.state"},
    },
    "query": {
        "request": {"method": "GET", "path": "/transfers", "query": {"ref": "${order_no}"}},
        "answers": [
            {"when": {"status": 200, "$.found": True}, "observation": "STATUS"},
            {"when": {"status": 200, "$.found": False}, "observation": "NOT_FOUND"},
        ],
        "extract": {"provider_id": "$.id", "state": "$.state"},
    },
    "callbacks": [
        {
            "name": "settled",
            "path": "/told/${order_no}",
            "answers": [{"when": {"$.state": {"exists": True}}, "observation": "STATUS"}],
            "extract": {"provider_id": "$.id", "state": "$.state"},
        }
    ],
    "ledger": {
        "request": {"method": "GET", "path": "/moves", "query": {"skip": "${cursor}"}},
        "rows": "$.moves",
        "counted": {"by": "row"},
        "extract": {"movement_id": "$.id", "order_no": "$.ref", "amount_major": "$.value"},
    },
    "statement": {
        "request": {"method": "GET", "path": "/bills", "query": {"from": "${period.from.unix}", "to": "${period.to.unix}"}},
        "download": "$.file",
        "link_expires": "1m",
        "compressed": "zip",
        "csv": {"encoding": "gbk", "head_rows": 2, "summary_rows": 1},
        "columns": {"movement_id": "流水号", "order_no": "订单号", "amount": "金额", "at": "时间"},
        "money": "major",
        "window": "half_open",
    },
    "states": {
        "new": "RECEIVED", "busy": "PROCESSING", "done": "SUCCEEDED", "broken": "FAILED", "no": "DECLINED",
        "off": "CANCELLED", "back": "RETURNED",
    },
    "promises": {"not_found": "forbidden", "on_same_payload": "reject_plain", "on_other_payload": "reject"},
}  # fmt: skip


HEADER = RunHeader("form-bank", "none", "provider", Vantage.MERCHANT, 7, Promises())


class Emulated:
    """A running emulator, the contract that it speaks, and a merchant that keeps what it is called with."""

    def __init__(
        self,
        run: RunDir,
        folder: Path,
        callbacks: str,
        called: list[HttpRequest],
        contract: dict[str, Any] = CONTRACT,
    ) -> None:
        self.called = called
        self.file = folder / "form-bank.yaml"
        self.file.write_text(yaml.safe_dump(contract, sort_keys=False))
        self.codec: Codec = load_contract(self.file).codec
        self.behavior = ProviderBehavior.promised(self.codec.promises)
        self.callbacks = callbacks
        self.chaos = ChaosProcess.start(run)
        self.child = ChildProcess.start("ackord.providers.reference", run=run, name="reference")
        primary_port = free_port()
        self.started = self.child.call(
            "start",
            timeout_s=60,
            run_dir=str(run.path),
            primary_port=primary_port,
            link_port=self.chaos.open_link("replication", ("127.0.0.1", primary_port)),
            **self.conduct(None),
        )

    def conduct(self, flaw: str | None) -> dict[str, Any]:
        behavior = self.behavior.to_json()
        front = {"contract": str(self.file), "callbacks": self.callbacks}
        return {"seed": 7, "flaw": flaw, "behavior": behavior, "front": front}

    def close(self) -> None:
        self.child.stop()
        self.chaos.stop()

    def exchange(self, request: HttpRequest, node: str = "A") -> HttpResponse:
        url = f"http://127.0.0.1:{self.started['nodes'][node]}{request.target}"
        answer = httpx.request(
            request.method, url, headers=list(request.headers), content=request.body, timeout=20, trust_env=False
        )
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpResponse(answer.status_code, headers, answer.content)

    def send(self, kind: OperationKind, request: HttpRequest, node: str = "A") -> Interpretation:
        return self.codec.read(kind, self.exchange(request, node))

    def submit(self, payment: Payment, node: str = "A") -> Interpretation:
        return self.send(OperationKind.SUBMIT, self.codec.submit(payment), node)

    def query(self, payment: Payment, node: str = "A") -> Interpretation:
        return self.send(OperationKind.QUERY, self.codec.query(payment), node)


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    called: list[HttpRequest] = []

    def take(request: HttpRequest) -> HttpResponse:
        called.append(request)
        first = [c.target for c in called].count(request.target) == 1
        return HttpResponse(500 if first else 200, {}, b"")  # an order's first call is refused, so it must come again

    with RunDir.create() as run, listen(take) as address:
        emulated = Emulated(run, tmp_path_factory.mktemp("contract"), address, called)
        try:
            yield emulated
        finally:
            emulated.close()


def payment() -> Payment:
    return Payment(new_number(), "main", 1999, "EUR", "payee-1")


def test_an_order_in_the_words_of_a_contract(emulated: Emulated) -> None:
    order = payment()
    assert emulated.query(order).observation is Observation.NOT_FOUND
    taken = emulated.submit(order)
    assert (taken.observation, taken.state) == (Observation.ACK, PaymentState.RECEIVED)
    shown = emulated.query(order, "B")
    assert (shown.observation, shown.provider_id) == (Observation.STATUS, taken.provider_id)
    until(lambda: emulated.query(order, "B").state is PaymentState.SUCCEEDED, "it is paid")


def test_it_has_the_manners_that_the_contract_promises(emulated: Emulated) -> None:
    order = payment()
    emulated.submit(order)
    assert emulated.codec.promises.on_same_payload is SamePayloadAnswer.REJECT_PLAIN
    again = emulated.submit(order, "B")
    assert (again.observation, again.provider_id) == (Observation.DUPLICATE, None)
    assert emulated.submit(order._replace(amount_minor=7)).observation is Observation.CONFLICT


def test_every_status_is_called_out_in_order_and_again_if_it_was_refused(emulated: Emulated) -> None:
    order = payment()
    emulated.submit(order)

    def words() -> list[str]:
        return [
            yaml.safe_load(c.body)["state"] for c in list(emulated.called) if c.target == f"/main/told/{order.order_no}"
        ]

    until(lambda: words()[-1:] == ["done"], "the payment is called out")
    assert words() == ["busy", "busy", "done"]


def test_a_ledger_whose_pages_are_counted_skips_what_was_read(emulated: Emulated) -> None:
    orders = [payment(), payment()]
    for order in orders:
        emulated.submit(order)
        until(lambda order=order: emulated.query(order).state is PaymentState.SUCCEEDED, "it is paid")

    def ids(cursor: str | None = None) -> list[str]:
        answer = emulated.exchange(emulated.codec.ledger_page(cursor=cursor), "B")
        page = emulated.codec.read_ledger_page(answer, cursor=cursor)
        assert not page.problem
        return [row.movement_id for row in page.rows]

    until(lambda: len(ids()) >= len(orders), "their money has moved")
    found = ids()
    assert ids("1") == found[1:]
    assert ids(str(len(found))) == []


def test_a_statement_names_what_was_paid_in_its_period(emulated: Emulated) -> None:
    order = payment()
    emulated.submit(order)
    until(lambda: emulated.query(order).state is PaymentState.SUCCEEDED, "it is paid")
    now_s = RealClock.unix_s()

    def ours(period: Period) -> list[tuple[str, int, str]]:
        origin = f"http://127.0.0.1:{emulated.started['nodes']['B']}"
        rows = asyncio.run(stated_rows(emulated.codec, origin, period))
        return [(row.account, row.amount_minor, row.kind) for row in rows if row.order_no == order.order_no]

    # An order is paid in the bank's book a moment after it is told.
    until(lambda: ours(Period(now_s - 60, now_s + 60)) == [("main", 1999, "payout")], "it is stated")
    assert ours(Period(now_s - 600, now_s - 60)) == []


@pytest.mark.parametrize(("by_s", "why"), [(-3600, "s old, more than 300 s"), (3600, "s ahead, more than 300 s")])
def test_a_node_whose_clock_jumped_signs_callbacks_that_merchants_refuse(
    emulated: Emulated, by_s: int, why: str
) -> None:
    def called(node: str) -> Interpretation:
        """What the merchant reads in the first call about a new order, in the instant in which it comes."""
        order = payment()
        emulated.submit(order, node)

        def calls() -> list[HttpRequest]:
            return [c for c in list(emulated.called) if c.target == f"/main/told/{order.order_no}"]

        until(lambda: bool(calls()), "the order is called out")
        read = emulated.codec.callbacks.read(calls()[0], {}, TimestampNonce(RealClock.unix_s()))
        assert read is not None
        return read.reading

    assert called("A").observation is Observation.STATUS
    emulated.child.call("clock", steps_s={"A": by_s})
    refused = called("A")
    assert refused.observation is Observation.UNREADABLE
    assert why in refused.detail
    assert called("B").observation is Observation.STATUS
    emulated.child.call("clock", steps_s={})
    assert called("A").observation is Observation.STATUS


def test_a_node_that_crashed_speaks_the_contract_again(emulated: Emulated) -> None:
    order = payment()
    emulated.submit(order)
    emulated.child.call("crash", node="A")
    assert emulated.query(order).observation is Observation.STATUS
    until(lambda: emulated.query(order).state is PaymentState.SUCCEEDED, "it is paid")


def test_flaws_are_flaws_in_any_words(emulated: Emulated) -> None:
    emulated.child.call("reset_as", **emulated.conduct("unknown-is-processing"))
    assert emulated.query(payment()).observation is Observation.STATUS
    emulated.child.call("reset_as", **emulated.conduct(None))
    assert emulated.query(payment()).observation is Observation.NOT_FOUND


def test_a_contract_that_is_not_there_is_told(emulated: Emulated) -> None:
    with pytest.raises(EnvironmentFailed, match="did not start"):
        emulated.child.call(
            "reset_as", timeout_s=30, **{**emulated.conduct(None), "front": {"contract": "/nowhere.yaml"}}
        )
    emulated.child.call("reset_as", **emulated.conduct(None))
    assert emulated.query(payment()).observation is Observation.NOT_FOUND
