"""The reference provider as a merchant meets it: over HTTP, on a real primary and standby, correct and wrong."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from ackord.chaos.chaos_process import ChaosProcess
from ackord.chaos.links.kinds import LatencyToxic
from ackord.core.promises import OtherPayloadAnswer, SamePayloadAnswer
from ackord.core.seed import Seed
from ackord.errors import EnvironmentFailed
from ackord.host.child_process import ChildProcess
from ackord.host.process_identity import identify
from ackord.host.run_dir import RunDir, sweep
from ackord.providers.flaws import FLAWS, correct_variants
from ackord.providers.service.behavior import ProviderBehavior
from ackord.providers.statement_flaw_texts import STATEMENT_FLAWS, STATEMENT_FLAWS_OF_NODES

from ..waiting import until

LINK = "replication"
SEED = 7
FEED = "read-model"
LAG_MS = 400
"""Long against a few queries in a row, also on a busy machine."""
RANK = {"ACCEPTED": 1, "PROCESSING": 2, "PAID": 3, "FAILED": 3, "DECLINED": 3, "CANCELLED": 3, "RETURNED": 4}
_numbers = itertools.count(1)


class Provider:
    """A running reference provider, and a merchant's view of it."""

    def __init__(self, run: RunDir, flaw: str | None, channel: dict[str, Any]) -> None:
        self.run = run
        self.events: list[dict[str, Any]] = []
        self.chaos = ChaosProcess.start(run)
        self.child = ChildProcess.start(
            "ackord.providers.reference", run=run, name="reference", on_event=self.events.append
        )
        primary_port = free_port()
        self.primary_port = primary_port
        self.link_port = self.chaos.open_link(LINK, ("127.0.0.1", primary_port))
        read_model_port = self.chaos.open_link(FEED, ("127.0.0.1", primary_port))
        self.started = self.child.call(
            "start",
            timeout_s=60,
            run_dir=str(run.path),
            seed=SEED,
            flaw=flaw,
            primary_port=primary_port,
            link_port=self.link_port,
            read_model_port=read_model_port,
            bin_dir=None,
            channel=channel,
        )
        self.http = httpx.Client(timeout=20, trust_env=False)

    def close(self) -> None:
        self.http.close()
        self.child.stop()
        self.chaos.stop()

    def lag(self, latency_ms: float) -> None:
        """Nothing but this much lag; 0 heals a cut, too."""
        self.chaos.set_toxics(LINK, [LatencyToxic(latency_ms=latency_ms)] if latency_ms else [])
        self.chaos.set_cut(LINK, False)

    def feed(self, latency_ms: float) -> None:
        """As much lag of the read model, and of nothing else."""
        self.chaos.set_toxics(FEED, [LatencyToxic(latency_ms=latency_ms)] if latency_ms else [])

    def reset_as(
        self, flaw: str | None, lag_ms: float = 0, behavior: ProviderBehavior = ProviderBehavior(), **channel: Any
    ) -> None:
        self.lag(0)
        self.feed(0)
        self.call("reset_as", flaw=flaw, seed=SEED, behavior=behavior.to_json())
        if channel:
            self.call("channel", **channel)
        self.lag(lag_ms)

    def call(self, do: str, **arguments: Any) -> dict[str, Any]:
        return self.child.call(do, **arguments)

    def url(self, node: str) -> str:
        return f"http://127.0.0.1:{self.started['nodes'][node]}"

    def send(
        self, method: str, path: str, *, node: str = "A", account: str = "main", json: object = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer sk_{account}"}
        return self.http.request(method, self.url(node) + path, headers=headers, json=json)

    def submit(self, number: str, *, amount: int = 100, payee: str = "payee-1", **where: str) -> httpx.Response:
        order = {"order_no": number, "amount": amount, "currency": "EUR", "payee": payee}
        return self.send("POST", "/v1/orders", json=order, **where)  # type: ignore[arg-type]

    def query(self, number: str, **where: str) -> httpx.Response:
        return self.send("GET", f"/v1/orders/{number}", **where)  # type: ignore[arg-type]

    def status(self, number: str, **where: str) -> str:
        answer = self.query(number, **where)
        return str(answer.json()["status"] if answer.status_code == 200 else answer.status_code)

    def accepted(self, **where: str) -> str:
        """Submit a new order and return its number; the acknowledgement is part of the meaning of every test here."""
        number = new_number()
        answer = self.submit(number, **where)
        assert answer.status_code == 202, answer.text
        return number

    def movements(self, number: str, kind: str = "payout") -> list[dict[str, Any]]:
        page = self.send("GET", "/v1/movements?limit=1000", account="operator").json()
        return [m for m in page["movements"] if m["order_no"] == number and m["kind"] == kind]

    def refund(self, number: str, refund_no: str, amount: int, **where: str) -> httpx.Response:
        body = {"refund_no": refund_no, "amount": amount}
        return self.send("POST", f"/v1/orders/{number}/refunds", json=body, **where)  # type: ignore[arg-type]

    def cancel(self, number: str, **where: str) -> httpx.Response:
        return self.send("POST", f"/v1/orders/{number}/cancel", **where)  # type: ignore[arg-type]

    def given_back(self, number: str) -> list[int]:
        return [m["amount"] for m in self.movements(number, "refund")]

    def settles(self, number: str, status: str = "PAID") -> None:
        until(lambda: self.status(number) == status, f"{number} becomes {status}")

    def pays_twice(self, number: str) -> None:
        until(lambda: len(self.movements(number)) > 1, f"a second movement for {number}")


def new_number() -> str:
    return f"T-{next(_numbers):08d}"


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def reference(flaw: str | None = None, *, lag_ms: float = 0, **channel: Any) -> Iterator[Provider]:
    with RunDir.create() as run:
        provider = Provider(run, flaw, channel)
        try:
            if lag_ms:
                provider.lag(lag_ms)
            yield provider
        finally:
            provider.close()


@pytest.fixture(scope="module")
def correct() -> Iterator[Provider]:
    with reference() as provider:
        yield provider


@pytest.fixture(scope="module")
def chameleon() -> Iterator[Provider]:
    """One cluster that becomes one variant after the other."""
    with reference() as provider:
        yield provider


# The correct provider.


def test_an_order_is_acknowledged_paid_once_and_shown_by_both_nodes(correct: Provider) -> None:
    number = new_number()
    answer = correct.submit(number, amount=123, payee='Zoë "Q" Müller')
    assert answer.status_code == 202
    order = answer.json()
    assert (order["order_no"], order["status"], order["amount"], order["currency"], order["payee"]) == (
        number,
        "ACCEPTED",
        123,
        "EUR",
        'Zoë "Q" Müller',
    )
    assert correct.query(number, node="B").status_code == 200
    correct.settles(number)
    assert {m["provider_id"] for m in correct.movements(number)} == {order["provider_id"]}


def test_a_resubmission_answers_the_order_as_it_stands(correct: Provider) -> None:
    number = correct.accepted()
    correct.settles(number)
    again = correct.submit(number, node="B")
    assert (again.status_code, again.json()["status"]) == (200, "PAID")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == correct.query(number).json()
    assert len(correct.movements(number)) == 1


def test_another_payload_is_refused_without_a_word_about_the_original(correct: Provider) -> None:
    number = correct.accepted()
    refused = correct.submit(number, amount=999, node="B")
    assert (refused.status_code, refused.json()["code"]) == (409, "ORDER_CONFLICT")
    assert set(refused.json()) == {"code", "message"}
    assert correct.query(number).json()["amount"] == 100


def test_simultaneous_copies_on_both_nodes_collapse(correct: Provider) -> None:
    number = new_number()
    answers = copies(correct, number, 12)
    assert sorted(a.status_code for a in answers) == [200] * 11 + [202]
    assert len({a.json()["provider_id"] for a in answers}) == 1
    correct.settles(number)
    assert len(correct.movements(number)) == 1


def test_a_cancelled_order_is_not_paid_and_one_that_is_paid_is_not_cancelled(correct: Provider) -> None:
    for _ in range(20):
        number = correct.accepted()
        answers = {correct.cancel(number, node=node).status_code for node in "AB"}
        assert len(answers) == 1
        correct.settles(number, "CANCELLED" if answers == {200} else "PAID")
        assert len(correct.movements(number)) == (answers != {200})
    unknown = correct.cancel(new_number())
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NOTHING_TO_CANCEL")


def test_refunds_are_made_once_and_never_more_than_was_paid(correct: Provider) -> None:
    number, first = correct.accepted(), new_number()
    correct.settles(number)
    at_once = refunds_at_once(correct, number, [new_number() for _ in range(8)])
    assert sorted(a.status_code for a in at_once) == [202] + [400] * 7
    until(lambda: correct.given_back(number) == [60], "the refund is made")
    copies = refunds_at_once(correct, number, [first] * 8, amount=40)
    assert sorted(a.status_code for a in copies) == [200] * 7 + [202]
    assert len({a.json()["refund_id"] for a in copies}) == 1
    until(lambda: sorted(correct.given_back(number)) == [40, 60], "the other refund is made")
    assert correct.refund(number, first, 30).json()["code"] == "ORDER_CONFLICT"
    assert correct.refund(number, new_number(), 1).json()["code"] == "NOT_REFUNDABLE"
    assert correct.refund(number, new_number(), 1, account="other").json()["code"] == "ORDER_NOT_FOUND"
    [moved] = [m for m in correct.movements(number, "refund") if m["amount"] == 40]
    assert moved["refund_no"] == first
    assert moved["provider_id"] == correct.query(number).json()["provider_id"]


def refunds_at_once(p: Provider, number: str, refund_nos: list[str], amount: int = 60) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(refund_nos)) as pool:
        return list(pool.map(lambda at: p.refund(number, at[1], amount, node="AB"[at[0] % 2]), enumerate(refund_nos)))


def test_numbers_belong_to_their_account(correct: Provider) -> None:
    number = correct.accepted()
    assert correct.query(number, account="other").json()["code"] == "ORDER_NOT_FOUND"
    theirs = correct.submit(number, amount=5, account="other")
    assert theirs.status_code == 202
    assert theirs.json()["provider_id"] != correct.query(number).json()["provider_id"]


def test_the_bank_declines_a_declined_payee(correct: Provider) -> None:
    number = new_number()
    assert correct.submit(number, payee="declined-1").status_code == 202
    correct.settles(number, "DECLINED")
    assert correct.movements(number) == []


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"order_no": "short", "amount": 1, "currency": "EUR", "payee": "p"},
        {"order_no": "T-refused-1", "amount": "1", "currency": "EUR", "payee": "p"},
        {"order_no": "T-refused-1", "amount": True, "currency": "EUR", "payee": "p"},
        {"order_no": "T-refused-1", "amount": 0, "currency": "EUR", "payee": "p"},
        {"order_no": "T-refused-1", "amount": 1, "currency": "eur", "payee": "p"},
        {"order_no": "T-refused-1", "amount": 1, "currency": "EUR", "payee": "a\x00b"},
        {"order_no": "T-refused-1", "amount": 1, "currency": "EUR", "payee": "p", "extra": 1},
    ],
)
def test_what_is_no_order_is_refused(correct: Provider, order: dict[str, Any]) -> None:
    answer = correct.send("POST", "/v1/orders", json=order)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_REQUEST")
    assert correct.query("T-refused-1").status_code == 404


def test_keys_are_asked_for(correct: Provider) -> None:
    assert correct.query("T-whatever", account="nobody").json()["code"] == "UNAUTHORIZED"
    assert correct.submit("T-whatever", account="nobody").status_code == 401
    assert correct.submit("T-whatever", account="operator").status_code == 403
    assert correct.query("T-%00-whatever").json()["code"] == "ORDER_NOT_FOUND"
    assert correct.send("GET", "/v1/balance").json()["account"] == "main"


def test_movements_are_read_by_a_cursor_without_gaps(correct: Provider) -> None:
    numbers = [correct.accepted() for _ in range(5)]
    for number in numbers:
        correct.settles(number)
    seen: list[dict[str, Any]] = []
    after = 0
    while True:
        page = correct.send("GET", f"/v1/movements?after={after}&limit=2", account="operator").json()
        seen += page["movements"]
        if not page["movements"]:
            break
        after = page["next"]
    assert page["next"] == after
    assert [m["id"] for m in seen] == list(range(1, len(seen) + 1))
    assert set(numbers) <= {m["order_no"] for m in seen}


def test_a_statement_is_given_page_by_page_and_only_by_its_own_cursors(correct: Provider) -> None:
    numbers = [correct.accepted() for _ in range(45)]
    for number in numbers:
        correct.settles(number)
    correct.accepted(account="other")
    seen: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = correct.send("GET", f"/v1/statement?from=0&to=99999999999{cursor}", node="AB"[len(seen) % 2]).json()
        seen += page["lines"]
        if "next" not in page:
            break
        assert len(page["lines"]) == 20
        cursor = f"&cursor={page['next']}"
    assert set(numbers) <= {line["order_no"] for line in seen}
    assert len({line["line_id"] for line in seen}) == len(seen) == page["totals"]["lines"]
    assert page["totals"]["paid_out"] == sum(line["amount"] for line in seen if line["kind"] == "payout")
    assert correct.send("GET", f"/v1/statement?from=1&to=99999999999{cursor}").status_code == 422
    assert correct.send("GET", "/v1/statement?from=0&to=99999999999&cursor=20").json()["code"] == "INVALID_REQUEST"
    assert correct.send("GET", "/v1/statement?from=0&to=1").json()["lines"] == []


def test_the_openapi_document_describes_every_answer(correct: Provider) -> None:
    document = correct.send("GET", "/openapi.json").json()
    submit = document["paths"]["/v1/orders"]["post"]
    assert {"200", "202", "400", "401", "409", "422", "503"} <= set(submit["responses"])
    assert submit["security"]
    assert {"200", "401", "404"} <= set(document["paths"]["/v1/orders/{order_no}"]["get"]["responses"])


def test_a_crashed_node_comes_back_with_every_acknowledged_order(correct: Provider) -> None:
    numbers = [correct.accepted(node="A") for _ in range(20)]
    down = correct.call("crash", node="A")
    assert down["node"] == "A"
    for number in numbers:
        assert correct.query(number, node="A").status_code == 200
        correct.settles(number)
        assert len(correct.movements(number)) == 1


def test_a_channel_time_out_is_not_a_failure(chameleon: Provider) -> None:
    provider = chameleon
    provider.reset_as(None, timeout_share=1.0, pays_share=0.5, latency_ms=5)
    numbers = [provider.accepted() for _ in range(6)]
    statuses: dict[str, list[str]] = {number: [] for number in numbers}

    def all_paid() -> bool:
        for number in numbers:
            statuses[number].append(provider.status(number))
        return all(seen[-1] == "PAID" for seen in statuses.values())

    until(all_paid, "all orders are paid")
    for number, seen in statuses.items():
        assert set(seen) <= {"ACCEPTED", "PROCESSING", "PAID"}
        assert len(provider.movements(number)) == 1
    assert provider.call("channel")["counters"]["timeouts"] >= len(numbers)


def test_paid_orders_may_come_back(chameleon: Provider) -> None:
    provider = chameleon
    provider.reset_as(None, return_share=1.0, return_after_ms=20)
    number = provider.accepted()
    provider.settles(number, "RETURNED")
    assert len(provider.movements(number)) == len(provider.movements(number, "return")) == 1
    balance = provider.send("GET", "/v1/balance").json()
    assert (balance["paid_out"], balance["returned"], balance["balance"]) == (100, 100, 0)


def test_busy_refuses_a_first_delivery_and_takes_the_next(chameleon: Provider) -> None:
    provider = chameleon
    provider.reset_as(None, busy_share=1.0)
    number = new_number()
    assert provider.submit(number).json()["code"] == "BUSY"
    assert provider.query(number).status_code == 404
    assert provider.submit(number).status_code == 202


# Another behavior than the default.


def test_without_idempotency_every_copy_moves_money(chameleon: Provider) -> None:
    provider = chameleon
    provider.reset_as(None, behavior=ProviderBehavior(on_same_payload=SamePayloadAnswer.NEW_MOVEMENT))
    number = new_number()
    answers = copies(provider, number, 4)
    assert [a.status_code for a in answers] == [202] * 4
    until(lambda: len(provider.movements(number)) == 4, "four movements")
    assert {m["provider_id"] for m in provider.movements(number)} == {a.json()["provider_id"] for a in answers}


def test_where_the_payload_counts_only_true_copies_collapse(chameleon: Provider) -> None:
    provider = chameleon
    provider.reset_as(None, behavior=ProviderBehavior(on_other_payload=OtherPayloadAnswer.NEW_MOVEMENT))
    number = new_number()
    answers = copies(provider, number, 8)
    assert sorted(a.status_code for a in answers) == [200] * 7 + [202]
    assert len({a.json()["provider_id"] for a in answers}) == 1
    assert [provider.submit(number, amount=7, node=node).status_code for node in "AB"] == [202, 200]
    until(lambda: len(provider.movements(number)) == 2, "two movements")
    assert {m["amount"] for m in provider.movements(number)} == {7, 100}


def test_a_number_is_new_again_after_its_retention(chameleon: Provider) -> None:
    provider = chameleon
    provider.reset_as(None, behavior=ProviderBehavior(key_retention_ns=3_600_000_000_000))
    number = provider.accepted()
    assert provider.submit(number, node="B").status_code == 200
    assert provider.submit(number, amount=7).json()["code"] == "ORDER_CONFLICT"
    provider.reset_as(None, behavior=ProviderBehavior(key_retention_ns=50_000_000))
    number = provider.accepted()
    until(lambda: provider.submit(number, amount=7).status_code == 202, f"{number} is forgotten")
    until(lambda: len(provider.movements(number)) == 2, "two movements")


@pytest.mark.parametrize("retention_ns", [None, 3_600_000_000_000], ids=["for ever", "for an hour"])
def test_where_numbers_belong_to_nobody_one_stands_for_one_order(chameleon: Provider, retention_ns: int | None) -> None:
    provider = chameleon
    provider.reset_as(None, behavior=ProviderBehavior(scoped_by_account=False, key_retention_ns=retention_ns))
    number = new_number()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: provider.submit(number, account=("main", "other")[n % 2]), range(8)))
    assert sorted(a.status_code for a in answers) == [200] * 7 + [202]
    assert len({a.json()["provider_id"] for a in answers}) == 1
    for account in ("main", "other"):
        assert provider.query(number, account=account).json()["provider_id"] == answers[0].json()["provider_id"]
        assert provider.submit(number, amount=7, account=account).json()["code"] == "ORDER_CONFLICT"
    until(lambda: provider.movements(number), "a movement")
    assert len(provider.movements(number)) == 1


@pytest.mark.parametrize("variant", [flaw.name for flaw in correct_variants()])
def test_correct_variants_are_never_wrong_while_the_replica_lags(chameleon: Provider, variant: str) -> None:
    provider = chameleon
    provider.reset_as(variant, 80)
    with ThreadPoolExecutor(8) as pool:

        def live(_: int) -> tuple[str, list[str]]:
            number = provider.accepted(node="A")
            seen = [provider.status(number, node="AB"[i % 2]) for i in range(6)]
            again = provider.submit(number, node="B")
            assert again.status_code == 200
            seen.append(again.json()["status"])
            seen += [provider.status(number, node="AB"[i % 2]) for i in range(6)]
            return number, seen

        for number, seen in pool.map(live, range(16)):
            ranks = [RANK[status] for status in seen]  # a KeyError here is a 404
            assert ranks == sorted(ranks), (number, seen)
            provider.settles(number)
            assert len(provider.movements(number)) == 1


@pytest.mark.parametrize("variant", [flaw.name for flaw in correct_variants()])
def test_what_a_cancel_was_told_is_shown_while_the_replica_lags(chameleon: Provider, variant: str) -> None:
    provider = chameleon
    provider.reset_as(variant, 80)
    told = 0
    for _ in range(12):
        number = provider.accepted(node="A")
        if provider.cancel(number, node="A").status_code == 200:
            told += 1
            assert [provider.status(number, node=node) for node in "AB"] == ["CANCELLED"] * 2
    assert told


@pytest.mark.parametrize("variant", ["remote-apply", "causal-reads", "order-registry"])
def test_correct_variants_outlive_a_cut_link_and_a_crash(chameleon: Provider, variant: str) -> None:
    provider = chameleon
    provider.reset_as(variant)
    with ThreadPoolExecutor(1) as pool:
        before = provider.accepted()
        provider.chaos.set_cut(LINK, True)
        number = new_number()
        pending = pool.submit(provider.submit, number, node="B")
        provider.call("crash", node="A")
        assert provider.query(before, node="A").status_code == 200
        provider.lag(0)
        assert pending.result().status_code == 202
        assert provider.query(number, node="A").status_code == 200
        provider.settles(number)


# What the harness asks of it.


def test_lag_is_measured_and_is_the_delay_of_the_link(correct: Provider) -> None:
    def lags_ms(count: int) -> list[float]:
        correct.events.clear()

        def found() -> list[float]:
            return [e["probe_lag_ns"] / 1e6 for e in list(correct.events) if e.get("probe_lag_ns") is not None]

        until(lambda: len(found()) >= count, f"{count} probes")
        return found()[:count]

    correct.call("sample", every_ms=20)
    calm = min(lags_ms(4))
    correct.lag(150)
    lagging = min(lags_ms(4)[1:])
    correct.lag(0)
    correct.call("apply_delay", ms=120)
    held_back = min(lags_ms(4)[1:])
    correct.call("apply_delay", ms=0)
    correct.call("sample", every_ms=0)
    assert calm < 100 <= held_back
    assert lagging >= 150
    position = correct.call("replication")
    assert position["primary_lsn"] >= position["standby_lsn"] > 0
    assert {"at_ns", "primary_lsn", "standby_lsn"} <= set(position)


def test_nothing_is_left_of_it() -> None:
    with RunDir.create() as run:
        provider = Provider(run, None, {})
        started = provider.started
        who = [identify(int(record.stem)) for record in (run.path / "processes").iterdir()]
        assert len(who) >= 6  # chaos, supervisor, forkserver, two nodes, two servers
        provider.close()
        assert [w for w in who if w is not None and identify(w.pid) == w] == []
        for port in (*started["nodes"].values(), started["standby_port"], provider.primary_port):
            assert refused(port)
    assert not run.path.exists()


def test_what_kill_minus_9_leaves_is_swept_by_the_next_run(tmp_path: Path) -> None:
    import os
    import signal

    with RunDir.create() as run:
        provider = Provider(run, None, {})
        nodes = [identify(int(record.stem)) for record in (run.path / "processes").iterdir()]
        os.kill(provider.child.pid, signal.SIGKILL)
        for port in provider.started["nodes"].values():
            until(lambda port=port: refused(port), "the nodes end with their supervisor")  # type: ignore[misc]
        provider.close()
        sweep()  # must leave it alone: its owner lives
        assert run.path.exists()
    assert [w for w in nodes if w is not None and identify(w.pid) == w] == []


def test_mistakes_in_control_requests_are_told(correct: Provider) -> None:
    with pytest.raises(EnvironmentFailed, match="no lever 'speed'"):
        correct.call("channel", speed=1)
    with pytest.raises(EnvironmentFailed, match="from 0 to 1"):
        correct.call("channel", timeout_share=2)
    with pytest.raises(EnvironmentFailed, match="no node 'C'"):
        correct.call("crash", node="C")
    with pytest.raises(EnvironmentFailed, match="started already"):
        correct.call("start", run_dir="/", seed=1, primary_port=1, link_port=1)
    with RunDir.create() as run:
        child = ChildProcess.start("ackord.providers.reference", run=run, name="reference")
        with pytest.raises(EnvironmentFailed, match='Did you mean "standby-reads"'):
            child.call("start", run_dir=str(run.path), seed=1, primary_port=1, link_port=1, flaw="standby-read")
        child.stop()


def refused(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def copies(provider: Provider, number: str, count: int, nodes: str = "AB") -> list[httpx.Response]:
    """So many copies of one order, sent at the same moment over connections of their own."""
    start = threading.Barrier(count)

    def one(i: int) -> httpx.Response:
        with httpx.Client(timeout=20, trust_env=False, base_url=provider.url(nodes[i % len(nodes)])) as client:
            client.get("/nothing")  # the connection is open before the signal
            start.wait()
            order = {"order_no": number, "amount": 100, "currency": "EUR", "payee": "payee-1"}
            return client.post("/v1/orders", json=order, headers={"Authorization": "Bearer sk_main"})

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


# The flaws: the shortest way to show each.


def sees(provider: Provider, status: str, tries: int = 400) -> str:
    """The number of an order whose query right after the acknowledgement answers ``status``."""
    for _ in range(tries):
        number = provider.accepted()
        if provider.status(number) == status:
            return number
    raise AssertionError(f"no order of {tries} was answered {status}")


def not_found_after_ack(p: Provider) -> None:
    number = sees(p, "404", tries=1)
    p.settles(number)


def not_found_in_the_read_model(p: Provider) -> None:
    p.feed(LAG_MS)
    not_found_after_ack(p)


def rarely_not_found(p: Provider) -> None:
    sees(p, "404", tries=2000)
    sees(p, "ACCEPTED")


def goes_back(p: Provider) -> None:
    number = p.accepted()
    seen = [p.status(number)]

    def back() -> bool:
        seen.append(p.status(number))
        return RANK[seen[-1]] < max(RANK[status] for status in seen)

    until(back, f"{number} goes back")


def found_then_not(p: Provider) -> None:
    number = p.accepted()
    assert [p.status(number), p.status(number)].count("404") == 1


def poisoned_by_an_early_query(p: Provider) -> None:
    number = new_number()
    assert p.status(number) == "404"
    assert p.submit(number).status_code == 202
    assert p.status(number) == "404"
    p.settles(number)


def reads_failed_at_once(p: Provider) -> None:
    number = sees(p, "FAILED", tries=1)
    p.settles(number)


def foreign_key_reads(p: Provider) -> None:
    number = p.accepted()
    assert p.query(number, account="other").json()["order_no"] == number


def unknown_is_processing(p: Provider) -> None:
    assert p.status(new_number()) == "PROCESSING"


def lands_late(p: Provider) -> None:
    began = time.monotonic()
    number = sees(p, "404", tries=1)
    p.settles(number)
    assert time.monotonic() - began > 1.4


def resubmission_pays(node: str = "A", *, settled: bool = False) -> Callable[[Provider], None]:
    def scenario(p: Provider) -> None:
        number = p.accepted(node="A")
        if settled:
            p.settles(number)
        p.submit(number, node=node)
        p.pays_twice(number)

    return scenario


def copies_pay(p: Provider) -> None:
    for _ in range(10):
        number = new_number()
        if sum(a.status_code == 202 for a in copies(p, number, 6)) > 1:
            return p.pays_twice(number)
    raise AssertionError("copies always collapsed")


def late_resubmission_pays(p: Provider) -> None:
    number = p.accepted()
    assert p.submit(number).status_code == 200
    until(lambda: p.submit(number).status_code == 202, f"{number} is forgotten")
    p.pays_twice(number)


def expired_by_a_clock_that_jumped(p: Provider) -> None:
    number = p.accepted(node="A")
    assert p.submit(number, node="B").status_code == 200
    p.call("clock", steps_s={"B": 90_000})
    assert p.submit(number, node="A").status_code == 200
    assert p.submit(number, node="B").status_code == 202
    p.pays_twice(number)


def resubmission_gets(check: Callable[[httpx.Response, httpx.Response], bool], amount: int = 100) -> Any:
    def scenario(p: Provider) -> None:
        number = new_number()
        first = p.submit(number)
        assert first.status_code == 202
        again = p.submit(number, amount=amount)
        assert check(first, again), again.text

    return scenario


def busy_for_ever(p: Provider) -> None:
    p.call("channel", busy_share=1.0)
    number = new_number()
    assert p.submit(number).json()["code"] == "BUSY"
    p.call("channel", busy_share=0.0)
    assert p.submit(number).json()["code"] == "BUSY"
    p.accepted()


def taken_by_an_error(code: str) -> Callable[[Provider], None]:
    def scenario(p: Provider) -> None:
        p.call("channel", busy_share=1.0)
        number = new_number()
        assert p.submit(number).json()["code"] == "BUSY"
        p.call("channel", busy_share=0.0)
        assert [p.submit(number).json()["code"] for _ in range(2)] == [code, code]
        assert p.status(number) == "404"
        p.accepted()

    return scenario


def lost_in_a_crash(p: Provider) -> None:
    for _ in range(20):
        number = p.accepted(node="A")
        p.call("crash", node="A")
        if p.status(number) == "404":
            return
    raise AssertionError("no acknowledged order was lost")


def acknowledged_without_the_standby(p: Provider) -> None:
    p.call("durability", mode="on")
    p.chaos.set_cut(LINK, True)
    p.accepted()


def failed_then_paid(p: Provider) -> None:
    p.call("channel", timeout_share=1.0)
    number = p.accepted()
    p.settles(number, "FAILED")
    p.settles(number, "PAID")


def stays_processing(p: Provider) -> None:
    p.call("channel", timeout_share=1.0)
    number = p.accepted()
    until(lambda: len(p.movements(number)) == 1, "the bank pays")
    assert p.status(number) == "PROCESSING"


def late_payment_pays_twice(p: Provider) -> None:
    on_time = p.accepted()
    p.settles(on_time)
    p.call("channel", timeout_share=1.0)
    p.pays_twice(p.accepted())
    assert len(p.movements(on_time)) == 1


def returned_then_paid(p: Provider) -> None:
    p.call("channel", return_share=1.0)
    number = p.accepted()
    p.settles(number, "RETURNED")
    p.settles(number, "PAID")


def goes_back_for_good(p: Provider) -> None:
    """The number is one whose PROCESSING reaches the cache long after its PAID: how long each takes follows from the
    seed.
    """

    def delay(number: str, status: str) -> float:
        return Seed(SEED).unit("cache", "main", number, status)

    numbers = (new_number() for _ in range(100_000))
    number = next(n for n in numbers if delay(n, "PAID") < 0.1 and delay(n, "PROCESSING") > 0.9)
    p.call("channel", latency_ms=0, jitter_ms=0)
    assert p.submit(number).status_code == 202
    until(lambda: p.submit(number).json()["status"] == "PAID", f"{number} is shown as PAID to who sends it again")
    p.settles(number, "PROCESSING")


def settled(p: Provider, amount: int, status: str = "PAID", tries: int = 40) -> str:
    """The number of an order that came to ``status``; what a flaw does to some orders only, needs several tries."""
    for _ in range(tries):
        number = new_number()
        assert p.submit(number, amount=amount).status_code == 202
        until(lambda number=number: p.status(number) in ("PAID", "FAILED"), f"{number} comes to an end")  # type: ignore[misc]
        if p.status(number) == status:
            return number
    raise AssertionError(f"none of {tries} orders became {status}")


def pays(amount: int, account: str = "main") -> Callable[[Provider], None]:
    """An order of 1000 is paid, and its payout is this one instead."""

    def scenario(p: Provider) -> None:
        (moved,) = p.movements(settled(p, 1000))
        assert (moved["amount"], moved["account"]) == (amount, account)

    return scenario


def paid_without_a_payout(p: Provider) -> None:
    moved = [p.movements(settled(p, 1000)) for _ in range(40)]
    assert [] in moved
    assert any(moved), "the others are paid"


def refused_and_paid(p: Provider) -> None:
    numbers = [new_number() for _ in range(40)]
    refused = [number for number in numbers if p.submit(number).status_code == 400]
    assert 0 < len(refused) < len(numbers)
    until(lambda: len(p.movements(refused[0])) == 1, f"{refused[0]} is paid")


def failed_and_paid(p: Provider) -> None:
    assert len(p.movements(settled(p, 1000, "FAILED"))) == 1


def pays_a_number_that_nobody_submitted(p: Provider) -> None:
    number = settled(p, 1000)
    assert p.movements(number) == []
    assert len(p.movements(number[:-1])) >= 1


def shows(field: str, wrong: Callable[[Any, Any], bool], node: str = "A") -> Callable[[Provider], None]:
    """A query shows another value than the acknowledgement."""

    def scenario(p: Provider) -> None:
        number = new_number()
        acknowledged = p.submit(number, amount=1000).json()
        assert wrong(acknowledged[field], p.query(number, node=node).json()[field])

    return scenario


def cancelled_and_paid(p: Provider) -> None:
    """Until a cancel comes in time."""
    numbers = (p.accepted() for _ in range(50))
    number = next(number for number in numbers if p.cancel(number).status_code == 200)
    p.settles(number, "CANCELLED")
    until(lambda: p.movements(number), "the cancelled order is paid")


def late_cancel_says_cancelled(p: Provider) -> None:
    number = p.accepted()
    p.settles(number)
    assert p.cancel(number).json()["status"] == "CANCELLED"
    assert p.status(number) == "PAID"


def refunds_give_back(*amounts: int, same_number: bool = False) -> Callable[[Provider], None]:
    def scenario(p: Provider) -> None:
        number, first = p.accepted(), new_number()
        p.settles(number)
        for amount in amounts:
            assert p.refund(number, first if same_number else new_number(), amount).status_code == 202
        until(lambda: sorted(p.given_back(number)) == sorted(amounts), "all refunds are made")

    return scenario


def refunds_both_pass(p: Provider) -> None:
    for _ in range(10):  # a loaded machine may take one after the other
        number = p.accepted()
        p.settles(number)
        passed = sum(a.status_code == 202 for a in refunds_at_once(p, number, [new_number() for _ in range(8)]))
        if passed > 1:
            break
    assert passed > 1
    until(lambda: len(p.given_back(number)) == passed, "more is given back than was paid")


def refund_never_comes(p: Provider) -> None:
    """One of several that are acknowledged."""
    number = p.accepted()
    p.settles(number)
    for _ in range(30):
        assert p.refund(number, new_number(), 1).status_code == 202
    p.settles(p.accepted())  # a payment takes the bank longer than a refund
    assert 0 < len(p.given_back(number)) < 30


SCENARIOS: dict[str, tuple[Callable[[Provider], None], float]] = {
    "standby-reads": (not_found_after_ack, LAG_MS),
    "read-model-reads": (not_found_in_the_read_model, 0),
    "lag-1ms": (lambda p: sees(p, "404") and None, 20),
    "lag-rare": (rarely_not_found, LAG_MS),
    "standby-first": (goes_back, LAG_MS),
    "alternating-reads": (found_then_not, LAG_MS),
    "unlanded-failed": (reads_failed_at_once, LAG_MS),
    "cached-not-found": (poisoned_by_an_early_query, 0),
    "key-unscoped": (foreign_key_reads, 0),
    "unknown-is-processing": (unknown_is_processing, 0),
    "slow-landing": (lands_late, 0),
    "standby-dedup": (resubmission_pays(), LAG_MS),
    "memory-dedup": (resubmission_pays("B"), 0),
    "check-then-insert": (copies_pay, 0),
    "duplicate-executes": (copies_pay, 0),
    "key-forgotten": (late_resubmission_pays, 0),
    "keys-expire-by-node-clock": (expired_by_a_clock_that_jumped, 0),
    "new-provider-id": (resubmission_gets(lambda x, y: x.json()["provider_id"] != y.json()["provider_id"]), 0),
    "altered-accepted": (resubmission_gets(lambda x, y: y.json()["amount"] == 7, amount=7), 0),
    "altered-leaks": (resubmission_gets(lambda x, y: y.status_code == 409 and y.json()["amount"] == 100, amount=7), 0),
    "resubmit-reads-failed": (resubmission_gets(lambda x, y: y.status_code == 400), 0),
    "replay-status-failed": (resubmission_gets(lambda x, y: y.json()["status"] == "FAILED"), 0),
    "reexecute-terminal": (resubmission_pays(settled=True), 0),
    "transient-cached": (busy_for_ever, 0),
    "number-burnt": (taken_by_an_error("INVALID_REQUEST"), 0),
    "number-locked": (taken_by_an_error("IN_PROGRESS"), 0),
    "ack-before-commit": (lost_in_a_crash, 0),
    "commit-waits-for-nobody": (acknowledged_without_the_standby, 0),
    "timeout-failed": (failed_then_paid, 0),
    "stuck-after-timeout": (stays_processing, 0),
    "callback-twice-moves-twice": (late_payment_pays_twice, 0),
    "late-success": (returned_then_paid, 0),
    "unordered-status-cache": (goes_back_for_good, 0),
    "paid-tenfold": (pays(10_000), 0),
    "fee-taken-from-payout": (pays(990), 0),
    "paid-by-another-account": (pays(1000, "other"), 0),
    "succeeded-unpaid": (paid_without_a_payout, 0),
    "refused-and-paid": (refused_and_paid, 0),
    "failed-and-paid": (failed_and_paid, 0),
    "paid-under-cut-number": (pays_a_number_that_nobody_submitted, 0),
    "another-id-shown": (shows("provider_id", lambda acked, shown: acked != shown), 0),
    "id-by-node": (shows("provider_id", lambda acked, shown: acked != shown, node="B"), 0),
    "amount-shown-wrong": (shows("amount", lambda acked, shown: shown == acked // 10), 0),
    "cancelled-and-paid": (cancelled_and_paid, 0),
    "late-cancel-acknowledged": (late_cancel_says_cancelled, 0),
    "refund-resubmitted-twice": (refunds_give_back(30, 30, same_number=True), 0),
    "refund-over-amount": (refunds_give_back(150), 0),
    "refunds-at-once-both-pass": (refunds_both_pass, 0),
    "refund-lost": (refund_never_comes, 0),
}


SHOWN_ELSEWHERE = {
    **dict.fromkeys(
        ("bytes-compared", "key-truncated", "key-case-folded", "empty-key-shared", "second-payload-wins"),
        "tests/unit/providers/variants/test_keys.py",
    ),
    **dict.fromkeys(
        (text[0] for text in (*STATEMENT_FLAWS, *STATEMENT_FLAWS_OF_NODES)),
        "tests/unit/providers/variants/test_statements.py",
    ),
    "trigger-ignored": "tests/unit/providers/service/test_triggered_service.py",
    "keys-expire-early": "tests/live/test_payload_identity.py",
}
"""Flaws that show in a statement, in the bytes or the key of a request, in a trigger, or when the sandbox's clock is moved."""


def test_every_flaw_shows_its_defect_here_or_elsewhere() -> None:
    flaws = {flaw.name for flaw in FLAWS if not flaw.correct and flaw.contract == "reference"}
    assert SCENARIOS.keys() | SHOWN_ELSEWHERE.keys() == flaws
    for name, file in SHOWN_ELSEWHERE.items():
        assert f'"{name}"' in (Path(__file__).parents[2] / file).read_text()


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_flaw_shows_its_defect(chameleon: Provider, name: str) -> None:
    scenario, lag_ms = SCENARIOS[name]
    chameleon.reset_as(name, lag_ms)
    scenario(chameleon)
