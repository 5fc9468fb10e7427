"""The gateway with real sockets: each fault fires, does what it says at the far side, and is taken back."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ackord.core.clock import MS
from ackord.errors import EnvironmentFailed
from ackord.host.run_dir import RunDir

from .edges import Edge, Process, names, resets
from .peers import Merchant, Provider, eventually

Json = dict[str, Any]


@pytest.fixture
def edge(process: Process, provider: Provider) -> Iterator[Edge]:
    edge = Edge(process, A=provider)
    yield edge
    process.chaos.close_edge(edge.name)


# -- passing and recording ---------------------------------------------------------------------------------------------


def test_a_request_passes_and_is_recorded_without_its_instruments(edge: Edge, provider: Provider) -> None:
    answer = edge.ask("POST", "/pay", b'{"a": 1}', op=3, key="submit/7/1")
    assert (answer.status, answer.body) == (200, b'{"path": "/pay"}')
    assert provider.seen[0].raw == b'POST /pay HTTP/1.1\r\nHost: provider\r\nContent-Length: 8\r\n\r\n{"a": 1}'
    record = edge.exchange()
    assert record["begin_ns"] <= provider.seen[0].complete_ns <= record["complete_ns"]
    del record["begin_ns"], record["complete_ns"]
    assert record == {
        "event": "exchange",
        "version": 2,
        "edge": edge.name,
        "op": 3,
        "copy": 0,
        "key": "submit/7/1",
        "node": "A",
        "status": 200,
        "headers": {"content-type": "application/json", "content-length": "16"},
        "body": '{"path": "/pay"}',
        "truncated": False,
        "request": {"method": "POST", "target": "/pay", "headers": {}, "body": '{"a": 1}'},
        "faults": [],
        "hold": None,
        "end": "complete",
    }


def test_connections_are_used_again_on_both_sides(edge: Edge, provider: Provider) -> None:
    with edge.merchant() as merchant:
        for i in range(5):
            assert merchant.ask("GET", f"/{i}").status == 200
    assert {seen.connection for seen in provider.seen} == {1}


def test_answers_to_pipelined_requests_come_in_their_order(edge: Edge, provider: Provider) -> None:
    with edge.merchant() as merchant:
        merchant.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % i for i in range(50)))
        assert [merchant.answer().body for _ in range(50)] == [b'{"path": "/%d"}' % i for i in range(50)]
    assert len(edge.exchanges()) == 50


def test_every_kind_of_message_passes(edge: Edge, provider: Provider) -> None:
    provider.answers = {
        # The provider closes after each of these; were that not announced, the next request might be lost on the same
        # connection.
        "/chunked": b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "/until-close": b"HTTP/1.1 200 OK\r\n\r\nto the end",
        "/interim": (
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
        ),
        "/old": b"HTTP/1.0 204 No Content\r\n\r\n",
    }
    with edge.merchant() as merchant:
        assert merchant.ask("HEAD", "/head").body == b""
        assert merchant.ask("GET", "/chunked").body == b"3\r\nabc\r\n0\r\n\r\n"
        assert merchant.ask("GET", "/interim").status == 103
        assert merchant.answer().body == b"ok"
        assert merchant.ask("GET", "/old").head.startswith(b"HTTP/1.1 204")
        merchant.send(b"PUT /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
        assert merchant.answer().status == 200
        merchant.send(b"POST /wait HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert merchant.answer().status == 100
        merchant.send(b"ok")
        assert merchant.answer().status == 200
        answer = merchant.ask("GET", "/until-close")
        assert b"\r\nConnection: close\r\n" in answer.head
        assert answer.body == b"to the end"
    with edge.merchant() as merchant:
        merchant.send(b"GET /close HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUpgrade: h2c\r\n\r\n")
        assert merchant.rest().startswith(b"HTTP/1.1 200 OK")
    with edge.merchant() as merchant:
        merchant.send(b"GET /ancient HTTP/1.0\r\n\r\n")
        assert merchant.rest().endswith(b'{"path": "/ancient"}')
    bodies = {e["request"]["target"]: (e["body"], e["request"]["body"]) for e in edge.exchanges()}
    assert bodies["/head"] == ("", "")
    assert bodies["/chunked"] == ("abc", "")
    assert bodies["/until-close"] == ("to the end", "")
    assert bodies["/up"] == ('{"path": "/up"}', "hi")
    assert bodies["/wait"] == ('{"path": "/wait"}', "ok")
    assert {e["end"] for e in edge.exchanges()} == {"complete"}
    assert not any(b"pgrade" in seen.raw or b"xpect" in seen.raw for seen in provider.seen)


def test_nodes_are_chosen_by_the_request_or_in_turn(process: Process, provider: Provider) -> None:
    with Provider() as other:
        edge = Edge(process, "rotate", A=provider, B=other)
        for _ in range(4):
            edge.ask("GET", "/turn")
        assert (provider.paths, other.paths) == (["/turn"] * 2, ["/turn"] * 2)
        edge.ask("GET", "/named", node="B")
        edge.ask("GET", "/named", node="B")
        assert other.paths[2:] == ["/named"] * 2
        answer = edge.ask("GET", "/nowhere", node="C")
        assert answer.status == 400
        assert b"ACKORD_BAD_HEADER" in answer.body
        assert [e["node"] for e in edge.exchanges()].count("B") == 4
        process.chaos.close_edge(edge.name)


def test_two_edges_keep_to_themselves(process: Process, provider: Provider) -> None:
    one, two = Edge(process, A=provider), Edge(process, A=provider)
    one.fault("error-substitution", status=503, code="BUSY")
    assert (one.ask("GET", "/", op=1).status, two.ask("GET", "/", op=2).status) == (503, 200)
    assert (one.fired(), two.fired()) == ([("error-substitution", 1)], [])
    for edge in (one, two):
        process.chaos.close_edge(edge.name)


# -- faults ------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["latency", "lost-request", "lost-answer", "reset", "duplicate-delivery", "error-substitution"])
def fault(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_a_fault_that_is_taken_back_is_gone(edge: Edge, provider: Provider, fault: str) -> None:
    edge.fault(fault, None, **({"ms": 1} if fault == "latency" else {}))
    with edge.merchant() as merchant:
        merchant.request("POST", "/pay", b"x", op=1, key="submit/1/1")
        if fault in ("lost-request", "lost-answer", "reset"):
            resets(merchant)
        else:
            merchant.answer()
    assert (fault, 1) in edge.fired()
    before = len(edge.fired())
    edge.chaos.clear_rules(edge.name)
    seen = len(provider.seen)
    assert edge.ask("POST", "/pay", b"x", op=2, key="submit/1/1").status == 200
    assert len(provider.seen) == seen + 1
    assert edge.exchanges()[-1]["faults"] == []
    assert len(edge.fired()) == before


def test_latency_is_before_the_provider(edge: Edge) -> None:
    edge.fault("latency", ms=30)
    assert edge.ask("POST", "/pay", b"x", op=1, key="submit/1/1").status == 200
    record = edge.exchange()
    (fired,) = [e for e in edge._process.events if e["event"] == "fired" and e["edge"] == edge.name]
    assert record["begin_ns"] - fired["at_ns"] >= 30 * MS
    assert fired["detail"] == {"ms": 30.0}
    assert record["faults"] == ["latency"]


def test_a_lost_request_never_reaches_the_provider(edge: Edge, provider: Provider) -> None:
    edge.fault("lost-request", {"operation": ["submit"]})
    with edge.merchant() as merchant:
        merchant.request("POST", "/pay", b"x", op=1, key="submit/1/1")
        resets(merchant)
    assert edge.ask("GET", "/pay", op=2, key="query/1/1").status == 200
    assert provider.paths == ["/pay"]
    assert [e["op"] for e in edge.exchanges()] == [2]
    assert edge.fired() == [("lost-request", 1)]


def test_a_lost_answer_was_given_by_the_provider(edge: Edge, provider: Provider) -> None:
    edge.fault("lost-answer")
    with edge.merchant() as merchant:
        merchant.request("POST", "/pay", b"x", op=1, key="submit/1/1")
        resets(merchant)
    record = edge.exchange()
    assert (record["status"], record["end"], record["faults"]) == (200, "complete", ["lost-answer"])
    assert provider.paths == ["/pay"]


def test_an_answer_that_is_lost_in_silence(edge: Edge, provider: Provider) -> None:
    edge.fault("lost-answer", mode="hang")
    with edge.merchant() as merchant:
        merchant.request("POST", "/gated", b"x", op=1, key="submit/1/1")
        eventually(lambda: provider.paths == ["/gated"])
        merchant.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            merchant.socket.recv(1)
    provider.open_gate()
    record = edge.exchange()
    assert (record["status"], record["end"], record["faults"]) == (200, "complete", ["lost-answer"])
    assert edge.fired() == [("lost-answer", 1)]


def test_a_reset_comes_before_the_provider_s_answer(edge: Edge, provider: Provider) -> None:
    edge.fault("reset")
    with edge.merchant() as merchant:
        merchant.request("POST", "/gated", b"x", op=1, key="submit/1/1")
        resets(merchant)
    eventually(lambda: provider.paths == ["/gated"])
    provider.open_gate()
    assert edge.exchange()["end"] == "complete"
    assert edge.fired() == [("reset", 1)]


def test_copies_are_the_same_bytes_on_connections_of_their_own(edge: Edge, provider: Provider) -> None:
    edge.fault("duplicate-delivery", copies=2, delay_ms=5)
    assert edge.ask("POST", "/pay", b"once", op=1, key="submit/1/1").status == 200
    records = edge.exchanges()
    assert [(r["op"], r["copy"], r["status"], r["end"]) for r in records] == [
        (1, 0, 200, "complete"),
        (1, 1, 200, "complete"),
        (1, 2, 200, "complete"),
    ]
    assert len({seen.raw for seen in provider.seen}) == 1
    assert len(provider.seen) == 3
    assert records[1]["begin_ns"] - records[0]["begin_ns"] >= 5 * MS
    assert records[2]["begin_ns"] - records[0]["begin_ns"] >= 10 * MS


def test_simultaneous_copies_do_not_wait_for_one_another(edge: Edge, provider: Provider) -> None:
    edge.fault("duplicate-delivery", copies=3)
    with edge.merchant() as merchant:
        merchant.request("POST", "/gated", b"once", op=1, key="submit/1/1")
        eventually(lambda: len(provider.seen) == 4)
        provider.open_gate()
        assert merchant.answer().status == 200
    assert len({seen.connection for seen in provider.seen}) == 4
    assert [r["copy"] for r in edge.exchanges()] == [0, 1, 2, 3]


@pytest.mark.parametrize("forward", [True, False])
def test_an_error_in_the_provider_s_stead(edge: Edge, provider: Provider, forward: bool) -> None:
    edge.fault("error-substitution", status=429, code="SLOW_DOWN", retry_after_s=2, forward=forward)
    answer = edge.ask("POST", "/pay", b"x", op=1, key="submit/1/1")
    assert (answer.status, answer.body) == (429, b'{"code":"SLOW_DOWN"}')
    assert b"\r\nRetry-After: 2\r\n" in answer.head
    assert provider.paths == (["/pay"] if forward else [])
    assert [(e["status"], e["end"]) for e in edge.exchanges()] == ([(200, "complete")] if forward else [])


def test_a_share_hits_the_same_orders_every_time(edge: Edge) -> None:
    edge.rules({"fault": "error-substitution", "share": 0.5}, seed=9)
    rounds = [[edge.ask("POST", "/p", b"x", key=f"submit/{i}/1").status for i in range(20)] for _ in range(2)]
    assert rounds[0] == rounds[1]
    assert set(rounds[0]) == {200, 503}


# -- instruments -------------------------------------------------------------------------------------------------------


def test_release_on_ack_lets_a_query_go_after_the_acknowledgement(edge: Edge, provider: Provider) -> None:
    with edge.merchant() as submit, edge.merchant() as query:
        query.request("GET", "/query", op=2, key="query/1/1", hold="ack:t1")
        submit.request("POST", "/gated", b"x", op=1, key="submit/1/1", token="t1")
        eventually(lambda: provider.paths == ["/gated"])
        provider.open_gate()
        assert submit.answer().status == 200
        assert query.answer().status == 200
    first, second = edge.exchanges()
    assert second["begin_ns"] > first["complete_ns"]
    assert (first["hold"], second["hold"]) == (None, "released")


def test_a_token_that_is_past_holds_nothing(edge: Edge) -> None:
    edge.ask("POST", "/pay", b"x", op=1, token="t1")
    edge.ask("GET", "/query", op=2, hold="ack:t1")
    assert [e["hold"] for e in edge.exchanges()] == [None, "released"]


def test_a_lost_answer_releases_what_waits_for_it(edge: Edge) -> None:
    """The provider acknowledged; that the merchant never heard of it changes nothing for the query."""
    edge.fault("lost-answer", {"operation": ["submit"]})
    with edge.merchant() as submit, edge.merchant() as query:
        query.request("GET", "/query", op=2, key="query/1/1", hold="ack:t1")
        submit.request("POST", "/pay", b"x", op=1, key="submit/1/1", token="t1")
        resets(submit)
        assert query.answer().status == 200
    first, second = edge.exchanges()
    assert second["begin_ns"] > first["complete_ns"]


def test_overtaking_a_submit_goes_after_the_query_was_answered(edge: Edge, provider: Provider) -> None:
    with edge.merchant() as submit, edge.merchant() as query:
        submit.request("POST", "/pay", b"x", op=1, key="submit/1/1", hold="pass:t1")
        assert query.ask("GET", "/query", op=2, key="query/1/1", token="t1").status == 200
        assert submit.answer().status == 200
    assert provider.paths == ["/query", "/pay"]
    submitted, queried = edge.exchanges()
    assert submitted["begin_ns"] > queried["complete_ns"]


def test_a_barrier_sends_all_last_bytes_when_all_the_others_are_there(edge: Edge, provider: Provider) -> None:
    merchants = [edge.merchant() for _ in range(4)]
    for number, merchant in enumerate(merchants, 1):
        if number == 4:
            eventually(lambda: provider.started == 3)
            assert provider.seen == [], "their last bytes were held back"
        last_asked_ns = time.monotonic_ns()
        merchant.request("POST", "/pay", b"same", op=number, key=f"submit/1/{number}", hold="barrier:g:4")
    for merchant in merchants:
        assert merchant.answer().status == 200
        merchant.socket.close()
    records = edge.exchanges()
    assert {r["hold"] for r in records} == {"released"}
    assert len({seen.connection for seen in provider.seen}) == 4
    assert min(r["begin_ns"] for r in records) >= last_asked_ns
    assert max(r["begin_ns"] for r in records) <= min(r["complete_ns"] for r in records)


@pytest.mark.parametrize("hold", ["ack:never", "pass:never", "barrier:lonely:2"])
def test_a_hold_has_a_bound(process: Process, provider: Provider, hold: str) -> None:
    name = next(names)
    opened = process.chaos.open_edge(name, {"A": ("127.0.0.1", provider.port)}, hold_timeout_ms=20)
    with Merchant(opened.port) as merchant:
        assert merchant.ask("POST", "/pay", b"x", op=1, hold=hold).status == 200
    assert process.chaos.drain(name)
    assert [e["hold"] for e in process.events if e.get("edge") == name] == ["timed-out"]
    assert len(provider.seen) == 1
    process.chaos.close_edge(name)


def test_a_merchant_that_gives_up_while_it_is_held_is_never_sent(edge: Edge, provider: Provider) -> None:
    with edge.merchant() as merchant:
        merchant.request("POST", "/pay", b"x", op=1, hold="ack:t1")
    assert edge.exchanges() == []
    edge.ask("GET", "/other", op=2, token="t1")
    assert provider.paths == ["/other"]


# -- everything that goes wrong by itself -----------------------------------------------------------------------------


def test_a_provider_that_is_not_there(process: Process) -> None:
    with Provider() as gone:
        pass
    edge = Edge(process, A=gone)
    answer = edge.ask("POST", "/pay", b"x", op=1)
    assert answer.status == 502
    assert b'"code":"ACKORD_UPSTREAM_UNREACHABLE"' in answer.body
    record = edge.exchange()
    assert (record["end"], record["complete_ns"], record["status"]) == ("refused", None, None)
    process.chaos.close_edge(edge.name)


@pytest.mark.parametrize(
    ("raw", "end"),
    [
        (b"<html>what?</html>\r\n\r\n", "garbled"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "garbled"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "garbled"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", "reset"),
        (b"HTTP/1.1 200 O", "reset"),
        (b"", "reset"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_reset_for_the_merchant(
    edge: Edge, provider: Provider, raw: bytes, end: str
) -> None:
    provider.answers = {"/bad": raw}
    with edge.merchant() as merchant:
        merchant.request("GET", "/bad", op=1)
        resets(merchant)
    record = edge.exchange()
    assert (record["end"], record["complete_ns"]) == (end, None)
    assert len(provider.seen) == 1, "the gateway never sends a request twice by itself"


@pytest.mark.parametrize("way", ["closes", "resets"])
def test_a_merchant_that_gives_up_takes_its_request_back(edge: Edge, provider: Provider, way: str) -> None:
    with edge.merchant() as merchant:
        merchant.request("POST", "/never", b"x", op=1)
        eventually(lambda: provider.paths == ["/never"])
        if way == "resets":
            merchant.reset()
    record = edge.exchange()
    assert (record["end"], record["complete_ns"]) == ("timeout" if way == "closes" else "reset", None)
    eventually(lambda: provider.disconnects == 1)


SMUGGLED = [
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n",
    b"GET / HTTP/1.1\nHost: x\n\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n",
    b"\x00" * 70_000,
]


@pytest.mark.parametrize("raw", SMUGGLED)
def test_an_ambiguous_request_is_refused_and_goes_nowhere(edge: Edge, provider: Provider, raw: bytes) -> None:
    with edge.merchant() as merchant:
        merchant.send(raw)
        answer = merchant.answer()
        assert answer.status == 400
        assert b"ACKORD_BAD_REQUEST" in answer.body
        assert merchant.rest() == b""
    assert provider.seen == []


def test_no_bytes_from_either_side_harm_the_gateway(edge: Edge, provider: Provider) -> None:
    rng = random.Random(11)
    good = b"POST /bad HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    for _ in range(150):
        at = rng.randrange(len(answer))
        provider.answers = {"/bad": answer[:at] + rng.randbytes(rng.randrange(4)) + answer[at:]}
        at = rng.randrange(len(good))
        with edge.merchant() as merchant:
            merchant.send(good[:at] + rng.randbytes(rng.randrange(3)) + good[at:])
            with contextlib.suppress(OSError):  # a reset may have come first
                merchant.socket.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                merchant.rest()
    assert edge.ask("GET", "/fine").status == 200
    assert edge.exchanges()[-1]["end"] == "complete"


def test_what_the_gateway_does_not_do(edge: Edge, provider: Provider) -> None:
    with edge.merchant() as merchant:
        merchant.send(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n")
        assert merchant.answer().status == 501
    answer = edge.ask("GET", "/", hodl="ack:t")
    assert answer.status == 400
    assert b"ackord-hodl" in answer.body
    assert provider.seen == []


def memory_bytes(pid: int) -> int:
    """The most that a process has held in memory so far."""
    (line,) = [x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


FIFTY_MB = 50 * 1000 * 1000


def test_a_huge_answer_passes_in_bounded_memory(provider: Provider) -> None:
    with RunDir.create() as run:
        process = Process(run)
        edge = Edge(process, A=provider)
        edge.ask("GET", "/bytes/10", op=1)
        before = memory_bytes(process.chaos.child.pid)
        with edge.merchant() as merchant:
            merchant.request("GET", f"/bytes/{FIFTY_MB}", op=2)
            eventually(lambda: len(provider.seen) == 2)
            edge.ask("GET", "/bytes/10", op=3)  # while nobody reads the large one
            assert len(merchant.answer().body) == FIFTY_MB
        assert memory_bytes(process.chaos.child.pid) - before < 12_000_000
        record = edge.exchanges()[1]
        assert (record["end"], record["truncated"], len(record["body"])) == ("complete", True, 1000)
        process.chaos.stop()


def test_a_huge_request_passes_in_bounded_memory(provider: Provider) -> None:
    with RunDir.create() as run:
        process = Process(run)
        edge = Edge(process, A=provider)
        edge.fault("duplicate-delivery")
        before = memory_bytes(process.chaos.child.pid)
        with edge.merchant() as merchant:
            merchant.send(b"POST /up HTTP/1.1\r\nHost: x\r\nackord-op: 1\r\nContent-Length: %d\r\n\r\n" % FIFTY_MB)
            sender = threading.Thread(target=merchant.send, args=(b"x" * FIFTY_MB,))
            sender.start()
            assert merchant.answer().status == 200
            sender.join()
        assert memory_bytes(process.chaos.child.pid) - before < 12_000_000
        assert [seen.body_bytes for seen in provider.seen] == [FIFTY_MB]
        record = edge.exchange()
        assert (record["end"], len(record["request"]["body"])) == ("complete", 1000)
        assert edge.fired() == []
        process.chaos.stop()


# -- control -----------------------------------------------------------------------------------------------------------


def test_rules_that_make_no_sense_leave_the_present_ones_in_force(edge: Edge) -> None:
    edge.fault("error-substitution", status=500)
    with pytest.raises(EnvironmentFailed, match='Did you mean "latency"'):
        edge.fault("latncy")
    assert edge.ask("GET", "/").status == 500
    with pytest.raises(EnvironmentFailed, match="no edge is called"):
        edge.chaos.set_rules("elsewhere", 1, [])


def test_an_edge_that_makes_no_sense(process: Process) -> None:
    with pytest.raises(EnvironmentFailed, match="no upstream"):
        process.chaos.open_edge("empty", {})
    with pytest.raises(EnvironmentFailed, match='no node is called "Z"'):
        process.chaos.open_edge("empty", {"A": ("127.0.0.1", 1)}, default_node="Z")


def test_draining_says_when_something_is_still_in_flight(edge: Edge, provider: Provider) -> None:
    with edge.merchant() as merchant:
        merchant.request("GET", "/gated", op=1)
        eventually(lambda: provider.paths == ["/gated"])
        assert not edge.chaos.drain(edge.name, limit_ms=10)
        provider.open_gate()
        assert edge.chaos.drain(edge.name)
        assert merchant.answer().status == 200


def test_closing_an_edge_frees_its_port_and_tells_what_was_cut_off(process: Process, provider: Provider) -> None:
    edge = Edge(process, A=provider)
    with edge.merchant() as merchant:
        merchant.request("GET", "/gated", op=1)
        eventually(lambda: provider.paths == ["/gated"])
        process.chaos.close_edge(edge.name)
        assert [e["end"] for e in process.events if e.get("edge") == edge.name] == ["timeout"]
        with pytest.raises(ConnectionRefusedError):
            edge.merchant()


def test_the_process_ends_with_its_pipe_and_frees_its_ports(provider: Provider) -> None:
    with RunDir.create() as run:
        process = Process(run)
        edge = Edge(process, A=provider)
        link = process.chaos.open_link("l", ("127.0.0.1", provider.port))
        idle = edge.merchant()
        through = socket.create_connection(("127.0.0.1", link))
        assert edge.ask("GET", "/", op=1).status == 200
        idle.request("GET", "/never", op=2)
        eventually(lambda: "/never" in provider.paths)
        process.chaos.stop()
        assert [(e["op"], e["end"]) for e in process.events] == [(1, "complete"), (2, "timeout")]
        assert process.chaos.child._process.returncode == 0
        for port in (edge.port, link):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))
        idle.socket.close()
        through.close()
        assert (run.path / "chaos.log").read_text() == ""
