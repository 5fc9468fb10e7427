"""The faults of messages on real sockets: each fires, does what it says as the provider's side has recorded it, is
taken back, and leaves nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from ackord.core.clock import MS

from .edges import Edge, Process, resets
from .peers import Merchant, Provider, eventually

Json = dict[str, Any]
FOREVER_MS = 600_000


@pytest.fixture
def edge(process: Process, provider: Provider) -> Iterator[Edge]:
    edge = Edge(process, A=provider)
    yield edge
    process.chaos.close_edge(edge.name)


def said(text: bytes, status: bytes = b"200 OK") -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d" % (
        status,
        len(text),
    )
    return head + b"\r\n\r\n" + text


HEALED = [
    ({"fault": "late-answer", "params": {"ms": 1}}, "answers"),
    ({"fault": "duplicate-delivery", "params": {"when": "after-answer"}}, "answers"),
    ({"fault": "slow-body", "params": {"bytes_per_s": 10_000}}, "answers"),
    ({"fault": "error-substitution", "params": {"page": "cdn", "status": 502}}, "answers"),
    ({"fault": "redirect", "params": {"forward": False}}, "answers"),
    ({"fault": "unreachable"}, "answers"),
    ({"fault": "connection-closed"}, "answers"),
    ({"fault": "truncated-body"}, "breaks"),
    ({"fault": "truncated-body", "params": {"end": "reset"}}, "breaks"),
    ({"fault": "unreachable", "params": {"mode": "silent"}}, "hangs"),
    ({"fault": "lost-request", "params": {"mode": "hang"}}, "hangs"),
]


@pytest.mark.parametrize(("rule", "merchant_sees"), HEALED, ids=lambda x: x["fault"] if isinstance(x, dict) else x)
def test_a_fault_fires_and_taken_back_is_gone(edge: Edge, provider: Provider, rule: Json, merchant_sees: str) -> None:
    edge.rules(rule)
    with edge.merchant() as merchant:
        merchant.request("POST", "/pay", b"x", op=1, key="submit/1/1")
        if merchant_sees == "answers":
            merchant.answer()
        elif merchant_sees == "breaks":
            resets(merchant)
        eventually(lambda: edge.has_fired(rule["fault"]))
    before = edge.fired()
    assert set(before) == {(rule["fault"], 1)}
    edge.rules()
    seen = len(provider.seen)
    with edge.merchant() as merchant:
        for op in (2, 3):
            assert merchant.ask("POST", "/pay", b"x", op=op, key="submit/1/1").status == 200
    assert len(provider.seen) == seen + 2
    assert [e["faults"] for e in edge.exchanges() if e["op"] > 1] == [[], []]
    assert edge.fired() == before


# -- late-answer -------------------------------------------------------------------------------------------------------


def test_a_late_answer_was_complete_in_time(edge: Edge, provider: Provider) -> None:
    edge.fault("late-answer", ms=40)
    answer = edge.ask("POST", "/pay", b"x", op=1, key="submit/1/1")
    got_ns = time.monotonic_ns()
    assert (answer.status, answer.body) == (200, b'{"path": "/pay"}')
    record = edge.exchange()
    assert (record["status"], record["end"], record["faults"]) == (200, "complete", ["late-answer"])
    assert got_ns - record["complete_ns"] >= 40 * MS
    (fired,) = edge.effects()
    assert record["complete_ns"] <= fired["at_ns"]
    assert fired["detail"] == {"ms": 40}


def test_a_merchant_who_gave_up_gets_no_late_answer_and_the_provider_said_it(edge: Edge, provider: Provider) -> None:
    edge.fault("late-answer", ms=FOREVER_MS)
    with edge.merchant() as merchant:
        merchant.request("POST", "/pay", b"x", op=1, key="submit/1/1")
        eventually(lambda: edge.has_fired("late-answer"))
        merchant.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            merchant.socket.recv(1)
    record = edge.exchange()
    assert (record["status"], record["end"]) == (200, "complete")


def test_healing_lets_a_withheld_answer_go(edge: Edge) -> None:
    edge.fault("late-answer", ms=FOREVER_MS)
    with edge.merchant() as merchant:
        merchant.request("POST", "/pay", b"x", op=1, key="submit/1/1")
        eventually(lambda: edge.has_fired("late-answer"))
        edge.rules({"fault": "reset", "share": 0})
        assert merchant.answer().status == 200
        edge.rules()
        assert merchant.ask("POST", "/pay", b"x", op=2, key="submit/1/2").status == 200


def test_healing_lets_a_delayed_request_go(edge: Edge, provider: Provider) -> None:
    edge.fault("latency", ms=FOREVER_MS)
    with edge.merchant() as merchant:
        merchant.request("POST", "/pay", b"x", op=1, key="submit/1/1")
        eventually(lambda: edge.has_fired("latency"))
        assert provider.seen == []
        edge.rules()
        assert merchant.answer().status == 200


def test_a_late_answer_may_be_an_error(edge: Edge, provider: Provider) -> None:
    edge.rules(
        {"fault": "late-answer", "params": {"ms": 20}},
        {"fault": "error-substitution", "params": {"status": 504, "forward": True}},
    )
    assert edge.ask("POST", "/pay", b"x", op=1, key="submit/1/1").status == 504
    assert edge.fired() == [("late-answer", 1), ("error-substitution", 1)]
    assert edge.exchange()["status"] == 200


# -- reordered-queries -------------------------------------------------------------------------------------------------


def test_a_full_window_of_queries_leaves_in_another_order(edge: Edge, provider: Provider) -> None:
    edge.fault("reordered-queries", size=5, window_ms=FOREVER_MS)
    merchants = [edge.merchant() for _ in range(5)]
    for number, merchant in enumerate(merchants, 1):
        merchant.request("GET", f"/q{number}", op=number, key=f"query/{number}/1")
    for merchant in merchants:
        assert merchant.answer().status == 200
        merchant.socket.close()
    records = sorted(edge.exchanges(), key=lambda e: e["begin_ns"])
    moves = [(e["detail"]["left"], e["detail"]["came"]) for e in edge.effects()]
    assert len(moves) >= 2
    assert all(left != came for left, came in moves)
    by_op = {e["op"]: e["detail"]["left"] for e in edge.effects()}
    assert all(record["op"] == op for op, left in by_op.items() for record in [records[left - 1]])


def test_a_window_that_does_not_fill_opens_and_submits_do_not_wait(edge: Edge, provider: Provider) -> None:
    edge.fault("reordered-queries", size=8, window_ms=25)
    asked_ns = time.monotonic_ns()
    assert edge.ask("GET", "/q", op=1, key="query/1/1").status == 200
    assert edge.exchange()["begin_ns"] - asked_ns >= 25 * MS
    assert edge.fired() == [], "one query alone has no other order"
    edge.fault("reordered-queries", size=8, window_ms=FOREVER_MS)
    assert edge.ask("POST", "/pay", b"x", op=2, key="submit/1/1").status == 200
    assert edge.ask("POST", "/pay", b"x").status == 200


def test_healing_opens_a_window_and_a_merchant_may_leave_it(edge: Edge, provider: Provider) -> None:
    edge.fault("reordered-queries", size=8, window_ms=FOREVER_MS)
    with edge.merchant() as one, edge.merchant() as two, edge.merchant() as gone:
        for number, merchant in enumerate((one, two, gone), 1):
            merchant.request("GET", "/q", op=number, key=f"query/{number}/1")
        eventually(lambda: provider.connections == 3)
        gone.socket.close()
        eventually(lambda: provider.disconnects == 1)
        edge.rules()
        assert (one.answer().status, two.answer().status) == (200, 200)
    assert [e["op"] for e in edge.exchanges()] == [1, 2]


# -- truncated-body, slow-body -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("params", "given"), [({"bytes": 5}, 5), ({}, 8), ({"bytes": 99}, 15), ({"bytes": 0}, 0)])
@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_body_that_ends_too_early(edge: Edge, params: Json, given: int, end: str) -> None:
    edge.fault("truncated-body", end=end, **params)
    whole = b'{"path": "/pay"}'
    with edge.merchant() as merchant:
        merchant.request("POST", "/pay", b"x", op=1, key="submit/1/1")
        got, ended = read_to_end(merchant)
    head, _, body = got.partition(b"\r\n\r\n")
    assert b"Content-Length: 16" in head
    assert b"onnection: close" not in head
    assert body == whole[:given]
    assert ended == end
    record = edge.exchange()
    assert (record["body"], record["end"], record["truncated"]) == (whole.decode(), "complete", False)
    assert [e["detail"] for e in edge.effects()] == [{"given_bytes": given, "of_bytes": 16, "end": end}]


def read_to_end(merchant: Merchant) -> tuple[bytes, str]:
    """All that comes, and how the connection ended."""
    got = b""
    try:
        while piece := merchant.socket.recv(4096):
            got += piece
    except ConnectionResetError:
        return got, "reset"
    return got, "close"


def test_a_chunked_body_ends_without_its_last_chunk(edge: Edge, provider: Provider) -> None:
    provider.answers = {"/c": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"}
    edge.fault("truncated-body", bytes=1000)
    with edge.merchant() as merchant:
        merchant.request("GET", "/c", op=1)
        got, _ = read_to_end(merchant)
    assert got.endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r")
    assert edge.exchange()["body"] == "abc"


@pytest.mark.parametrize("fault", ["truncated-body", "slow-body"])
def test_an_answer_without_a_body_passes(edge: Edge, fault: str) -> None:
    edge.fault(fault)
    with edge.merchant() as merchant:
        merchant.request("HEAD", "/h", op=1)
        assert merchant.answer("HEAD").status == 200
        merchant.request("HEAD", "/h", op=2)
        assert merchant.answer("HEAD").status == 200
    assert edge.fired() == []


@pytest.mark.parametrize("fault", ["truncated-body", "slow-body", "late-answer", "stale-answer"])
def test_an_answer_too_large_to_be_held_passes(edge: Edge, fault: str) -> None:
    edge.fault(fault)
    answer = edge.ask("GET", f"/bytes/{3 << 20}", op=1)
    assert len(answer.body) == 3 << 20
    assert edge.fired() == []


def test_a_body_that_trickles(edge: Edge) -> None:
    edge.fault("slow-body", bytes_per_s=200)
    answer = edge.ask("POST", "/pay", b"x", op=1, key="submit/1/1")
    got_ns = time.monotonic_ns()
    assert answer.body == b'{"path": "/pay"}'
    record = edge.exchange()
    assert got_ns - record["complete_ns"] >= 80 * MS, "16 bytes, 200 a second"
    assert [e["detail"] for e in edge.effects()] == [{"bytes_per_s": 200, "of_bytes": 16}]


def test_healing_lets_the_rest_of_a_body_go(edge: Edge) -> None:
    edge.fault("slow-body", bytes_per_s=0.1)
    with edge.merchant() as merchant:
        merchant.request("POST", "/pay", b"x", op=1, key="submit/1/1")
        eventually(lambda: edge.has_fired("slow-body"))
        edge.rules()
        assert merchant.answer().body == b'{"path": "/pay"}'
        assert merchant.ask("GET", "/next", op=2).status == 200


# -- redirect, error-substitution, unreachable -------------------------------------------------------------------------


def test_a_redirect_leads_a_careless_client_into_a_second_submit(edge: Edge, provider: Provider) -> None:
    edge.fault("redirect", {"operation": ["submit"]})
    with edge.merchant() as merchant:
        answer = merchant.ask("POST", "/pay?a=1", b"x", op=1, key="submit/1/1")
        assert answer.status == 307
        assert b"\r\nLocation: /pay?a=1&ackord-redirected=1\r\n" in answer.head
        again = merchant.ask("POST", "/pay?a=1&ackord-redirected=1", b"x", op=2, key="submit/1/1")
        assert again.status == 200, "whoever follows is not redirected again"
    assert provider.paths == ["/pay?a=1", "/pay?a=1&ackord-redirected=1"]
    assert edge.fired() == [("redirect", 1)]


def test_a_redirect_to_elsewhere_that_is_not_forwarded(edge: Edge, provider: Provider) -> None:
    edge.fault("redirect", status=302, location="http://elsewhere.test/login\r\nX: y", forward=False)
    answer = edge.ask("POST", "/pay", b"x", op=1, key="submit/1/1")
    assert answer.status == 302
    assert b"\r\nLocation: http://elsewhere.test/login%0D%0AX:%20y\r\n" in answer.head
    assert (provider.seen, edge.exchanges()) == ([], [])


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_page_of_a_cdn(edge: Edge, provider: Provider, status: int) -> None:
    edge.fault("error-substitution", status=status, page="cdn", forward=True, retry_after_s=30)
    answer = edge.ask("POST", "/pay", b"x", op=1, key="submit/1/1")
    assert answer.status == status
    assert b"\r\nContent-Type: text/html; charset=utf-8\r\n" in answer.head
    assert b"\r\nRetry-After: 30\r\n" in answer.head
    assert f"<h1>{status} ".encode() in answer.body
    assert edge.exchange()["status"] == 200


def test_a_node_that_is_cut_off(process: Process, provider: Provider) -> None:
    with Provider() as other:
        edge = Edge(process, A=provider, B=other)
        edge.fault("unreachable", {"node": ["B"]})
        assert edge.ask("POST", "/pay", b"x", op=1, node="A").status == 200
        answer = edge.ask("POST", "/pay", b"x", op=2, node="B")
        assert answer.status == 502
        assert b"ACKORD_UPSTREAM_UNREACHABLE" in answer.body
        edge.fault("unreachable", {"node": ["B"]}, mode="silent")
        with edge.merchant() as merchant:
            merchant.request("POST", "/pay", b"x", op=3, node="B")
            eventually(lambda: ("unreachable", 3) in edge.fired())
            merchant.socket.setblocking(False)
            with pytest.raises(BlockingIOError):
                merchant.socket.recv(1)
        assert other.seen == []
        assert [(e["op"], e["end"], e["faults"]) for e in edge.exchanges()] == [
            (1, "complete", []),
            (2, "refused", ["unreachable"]),
        ]
        process.chaos.close_edge(edge.name)


# -- connection-closed -------------------------------------------------------------------------------------------------


def test_a_connection_that_is_closed_behind_the_answer(edge: Edge, provider: Provider) -> None:
    edge.fault("connection-closed")
    with edge.merchant() as merchant:
        answer = merchant.ask("POST", "/pay", b"x", op=1, key="submit/1/1")
        assert b"onnection: close" not in answer.head
        assert merchant.rest() == b""
    assert edge.fired() == [("connection-closed", 1)]
    assert edge.exchange()["end"] == "complete"


def test_a_connection_that_breaks_as_the_next_request_comes(edge: Edge, provider: Provider) -> None:
    edge.fault("connection-closed", {"attempt": [1]}, when="next-request")
    with edge.merchant() as merchant:
        assert merchant.ask("POST", "/pay", b"x", op=1, key="submit/1/1").status == 200
        assert edge.fired() == []
        merchant.request("POST", "/pay", b"x", op=7, key="submit/2/1")
        resets(merchant)
    assert provider.paths == ["/pay"]
    (fired,) = edge.effects()
    assert (fired["fault"], fired["op"], fired["detail"]["next_op"]) == ("connection-closed", 1, 7)


def test_a_request_that_was_sent_ahead_breaks_with_its_connection(edge: Edge, provider: Provider) -> None:
    edge.fault("connection-closed", when="next-request")
    with edge.merchant() as merchant:
        merchant.send(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert merchant.answer().body == b'{"path": "/1"}'
        resets(merchant)
    assert provider.paths == ["/1"]
    assert edge.fired() == [("connection-closed", -1)], "minus the number of the first request's arrival"


def test_a_connection_that_was_to_close_anyway_is_not_a_fault(edge: Edge) -> None:
    edge.fault("connection-closed")
    with edge.merchant() as merchant:
        merchant.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert merchant.rest().startswith(b"HTTP/1.1 200")
    assert edge.fired() == []


# -- stale-answer ------------------------------------------------------------------------------------------------------


def ask_thrice(edge: Edge, provider: Provider, **ackord: str | int) -> list[bytes]:
    """What a query is answered while the provider says v1, v2 and v3."""
    given = []
    for number in (1, 2, 3):
        provider.answers = {"/q": said(b'{"v": %d}' % number)}
        keyed = {k: v.format(number) if isinstance(v, str) else v for k, v in ackord.items()}
        given.append(edge.ask("GET", "/q", **keyed).body)
    return given


@pytest.mark.parametrize("ackord", [{}, {"key": "query/4/{}"}], ids=["foreign", "ours"])
@pytest.mark.parametrize(
    ("params", "given"),
    [
        ({"behind": 1}, [1, 1, 2]),
        ({"behind": 2}, [1, 2, 1]),
        ({"lag_ms": FOREVER_MS}, [1, 1, 1]),
        ({"lag_ms": 0}, [1, 1, 2]),
    ],
)
def test_an_earlier_answer_is_given_again_and_the_record_is_true(
    edge: Edge, provider: Provider, params: Json, given: list[int], ackord: Json
) -> None:
    edge.fault("stale-answer", **params)
    assert ask_thrice(edge, provider, **ackord) == [b'{"v": %d}' % v for v in given]
    assert sorted(e["body"] for e in edge.exchanges()) == ['{"v": 1}', '{"v": 2}', '{"v": 3}']
    assert len(edge.fired()) == sum(v != said for v, said in zip(given, (1, 2, 3), strict=True))
    edge.rules()
    assert edge.ask("GET", "/q").body == b'{"v": 3}'


def test_an_earlier_answer_that_says_the_same_is_not_stale(edge: Edge, provider: Provider) -> None:
    edge.fault("stale-answer")
    for _ in range(3):
        assert edge.ask("GET", "/q", key="query/1/1").body == b'{"path": "/q"}'
    assert edge.fired() == []


def test_a_stale_answer_is_never_another_s(edge: Edge, provider: Provider) -> None:
    edge.fault("stale-answer")
    provider.answers = {"/q": said(b"1")}
    edge.ask("GET", "/q", key="query/1/1")
    provider.answers = {"/q": said(b"2")}
    assert edge.ask("GET", "/q", key="query/2/1").body == b"2"
    with edge.merchant() as merchant:
        merchant.send(b"GET /q HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer o\r\nackord-key: query/1/2\r\n\r\n")
        assert merchant.answer().body == b"2"
    assert edge.fired() == []


def test_an_order_that_is_not_there_yet(edge: Edge, provider: Provider) -> None:
    edge.fault("stale-answer", not_found=True, lag_ms=FOREVER_MS, status=404, body={"code": "NO_SUCH_ORDER"})
    assert edge.ask("GET", "/q", op=1, key="query/1/1").status == 200, "nothing was acknowledged yet"
    assert edge.ask("POST", "/pay", b"x", op=2, key="submit/1/1").status == 200
    answer = edge.ask("GET", "/q", op=3, key="query/1/2")
    assert (answer.status, answer.body) == (404, b'{"code":"NO_SUCH_ORDER"}')
    assert edge.ask("GET", "/q", op=4, key="query/2/1").status == 200, "another order"
    assert [e["status"] for e in edge.exchanges()] == [200, 200, 200, 200]
    assert edge.fired() == [("stale-answer", 3)]
    provider.answers = {"/pay": said(b"no", b"503 Service Unavailable")}
    assert edge.ask("POST", "/pay", b"x", op=6, key="submit/3/1").status == 503
    assert edge.ask("GET", "/q", op=7, key="query/3/1").status == 200, "an error acknowledges nothing"
    edge.fault("stale-answer", not_found=True, lag_ms=0)
    assert edge.ask("GET", "/q", op=5, key="query/1/3").status == 200, "the lag is over"


def test_a_foreign_query_lags_behind_its_first_success(edge: Edge, provider: Provider) -> None:
    edge.fault("stale-answer", not_found=True, lag_ms=FOREVER_MS)
    provider.answers = {"/q": said(b"none", b"404 Not Found")}
    assert edge.ask("GET", "/q").body == b"none"
    provider.answers = {"/q": said(b"here")}
    assert edge.ask("GET", "/q").body == b'{"code":"ORDER_NOT_FOUND"}'
    assert [e["status"] for e in edge.exchanges()] == [404, 200]


# -- duplicate-delivery ------------------------------------------------------------------------------------------------


def test_copies_that_follow_the_answer(edge: Edge, provider: Provider) -> None:
    edge.fault("duplicate-delivery", copies=2, delay_ms=10, when="after-answer")
    with edge.merchant() as merchant:
        merchant.request("POST", "/gated", b"x", op=1, key="submit/1/1")
        eventually(lambda: provider.paths == ["/gated"])
        provider.open_gate()
        assert merchant.answer().status == 200
    first, one, two = edge.exchanges()
    assert one["begin_ns"] - first["complete_ns"] >= 10 * MS
    assert two["begin_ns"] - first["complete_ns"] >= 20 * MS
    assert len({seen.raw for seen in provider.seen}) == 1


def test_healing_lets_copies_go_that_wait(edge: Edge, provider: Provider) -> None:
    edge.fault("duplicate-delivery", delay_ms=FOREVER_MS, when="after-answer")
    assert edge.ask("POST", "/pay", b"x", op=1, key="submit/1/1").status == 200
    assert not edge.chaos.drain(edge.name, limit_ms=1), "the copy is on its way"
    edge.rules()
    assert [e["copy"] for e in edge.exchanges()] == [0, 1]


# -- rules: schedule, limits, match ------------------------------------------------------------------------------------


def statuses(edge: Edge, *keys: str) -> list[int]:
    return [edge.ask("POST", "/pay", b"x", key=key).status for key in keys]


def test_a_fault_ends_by_itself_and_does_not_begin_early(edge: Edge) -> None:
    now_ns = time.monotonic_ns()
    rule = {"fault": "error-substitution"}
    edge.rules(rule | {"schedule": {"for_ms": 1000, "armed_ns": now_ns - 2000 * MS}})
    assert statuses(edge, "submit/1/1") == [200]
    edge.rules(rule | {"schedule": {"after_ms": FOREVER_MS, "armed_ns": now_ns}})
    assert statuses(edge, "submit/1/1") == [200]
    edge.rules(rule | {"schedule": {"after_ms": 500, "for_ms": FOREVER_MS, "armed_ns": now_ns - 1000 * MS}})
    assert statuses(edge, "submit/1/1") == [503]


def test_limits(edge: Edge) -> None:
    rule: Json = {"fault": "error-substitution"}
    edge.rules(rule | {"limits": {"first": 1}})
    assert statuses(edge, "submit/1/1", "submit/1/2", "submit/2/1") == [503, 200, 503]
    edge.rules(rule | {"limits": {"quota": 2}})
    assert statuses(edge, "submit/1/1", "submit/2/1") == [503, 503]
    edge.rules(rule | {"limits": {"quota": 2}}, {"fault": "late-answer", "params": {"ms": 1}})
    assert statuses(edge, "submit/3/1") == [200], "a rule that stays in force goes on counting"
    edge.rules(rule | {"limits": {"every": 3}})
    hit = statuses(edge, *[f"submit/{i}/1" for i in range(1, 10)])
    assert sorted(hit) == [200] * 6 + [503] * 3
    assert hit[:3] == hit[3:6] == hit[6:]


def test_a_foreign_merchant_s_request_is_known_by_header_and_body(edge: Edge) -> None:
    edge.fault("error-substitution", {"header": {"X-Shop": "s-*"}, "body": {"$.a.b[1]": 7}})

    def post(body: bytes, shop: str = "s-1", more: str = "") -> int:
        with edge.merchant() as merchant:
            head = f"POST /p HTTP/1.1\r\nHost: x\r\nx-shop: {shop}\r\n{more or f'Content-Length: {len(body)}'}\r\n\r\n"
            merchant.send(head.encode() + body)
            return merchant.answer().status

    hit = b'{"a": {"b": [1, 7]}}'
    assert post(hit) == 503
    assert post(hit, shop="t-1") == 200
    assert post(b'{"a": {"b": [1, 8]}}') == 200
    assert post(b"not json") == 200
    assert post(b"%x\r\n%s\r\n0\r\n\r\n" % (len(hit), hit), more="Transfer-Encoding: chunked") == 503
    assert post(b" " * (3 << 20) + hit) == 200, "too large to be held"


# -- nothing is left ---------------------------------------------------------------------------------------------------


def test_an_edge_that_closes_leaves_nothing_of_what_its_faults_hold_back(process: Process, provider: Provider) -> None:
    edge = Edge(process, A=provider)
    edge.rules(
        {"fault": "latency", "params": {"ms": FOREVER_MS}, "match": {"order": [1]}},
        {"fault": "late-answer", "params": {"ms": FOREVER_MS}, "match": {"order": [2]}},
        {"fault": "slow-body", "params": {"bytes_per_s": 0.1}, "match": {"order": [3]}},
        {"fault": "duplicate-delivery", "params": {"delay_ms": FOREVER_MS}, "match": {"order": [4]}},
        {"fault": "unreachable", "params": {"mode": "silent"}, "match": {"order": [5]}},
        {"fault": "reordered-queries", "params": {"window_ms": FOREVER_MS}, "match": {"order": [6]}},
    )
    merchants = [edge.merchant() for _ in range(6)]
    for order, merchant in enumerate(merchants, 1):
        kind = "query" if order == 6 else "submit"
        merchant.request("GET", f"/{order}", op=order, key=f"{kind}/{order}/1")
    for fault in ("latency", "late-answer", "slow-body", "unreachable"):
        eventually(lambda fault=fault: edge.has_fired(fault))  # type: ignore[misc]
    assert merchants[3].answer().status == 200
    process.chaos.close_edge(edge.name)
    for merchant in merchants:
        with pytest.raises(ConnectionError):
            merchant.answer()
        merchant.socket.close()
    with pytest.raises(ConnectionRefusedError):
        edge.merchant()
    assert sorted(provider.paths) == ["/2", "/3", "/4"]
    eventually(lambda: provider.open_connections == 0)
