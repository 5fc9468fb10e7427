"""Conversations of one exchange as tables: what happens on the left, what it orders on the right.

The ports are played by the test, so nothing here has a socket, an event loop or a clock. ``Conversation`` says what the
words mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ackord.chaos.faults.edge import edge_faults
from ackord.chaos.gateway.acknowledgement import AcknowledgementRules
from ackord.chaos.gateway.edge_state import EdgeState, ProxySettings
from ackord.chaos.gateway.http1.framing import RequestHead, ResponseHead
from ackord.chaos.gateway.ports import Members, UpstreamClient
from ackord.chaos.gateway.proxied_exchange import ProxiedExchange
from ackord.core.clock import MS

ANSWER = ResponseHead(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", to_head=False)
CLOSING = ResponseHead(b"HTTP/1.1 200 OK\r\n\r\n", to_head=False)
EARLY = ResponseHead(b"HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\n", to_head=False)
RULES = AcknowledgementRules(None)


def said(data: bytes) -> str:
    """A message in short: its status or method, and its body; ``+`` and the bytes, if it is not the beginning of one."""
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return f"+{data.decode()}"
    first = head.split(b" ")
    text = body.decode() if len(body) < 20 else f"{len(body)} bytes"
    return f"{(first[1] if head.startswith(b'HTTP') else first[0]).decode()} {text}".strip()


class Upstream:
    """A connection to the provider."""

    def __init__(self, orders: list[str]) -> None:
        self._orders = orders
        self.exchange: UpstreamClient | None = None
        self.came: tuple[ResponseHead | None, bytes, bool] = (None, b"", False)

    def write(self, data: bytes) -> None:
        self._orders.append(f"send {said(data)}")

    def set_reading(self, on: bool) -> None:
        self._orders.append("read the answer" if on else "stop the answer")

    def received(self) -> tuple[ResponseHead | None, bytes, bool]:
        return self.came

    def release(self, *, reuse: bool) -> None:
        self._orders.append("keep the connection" if reuse else "close the connection")
        self.exchange = None

    def abort(self) -> None:
        self._orders.append("abort the connection")
        self.exchange = None


class Conversation:
    """All ports of an edge, and the events that a table may name."""

    gone = is_ahead = False

    def __init__(self, rules: Sequence[dict[str, Any]]) -> None:
        self.orders: list[str] = []
        self.time_ns = 0
        self.timers: list[tuple[int, Callable[[], None]]] = []
        self.due: Callable[[], None] | None = None
        self.told: Callable[[int], None] | None = None
        self.asking: list[UpstreamClient] = []
        self.open: list[Upstream] = []
        settings = ProxySettings("e", {"A": ("node", 1)}, "A", max_held_bytes=100)
        self.edge = EdgeState(settings, self.now_ns, self, self.alarm, self, {"A": self}, RULES)
        self.edge.set_rules(1, rules)

    # The ports: time, the node, the merchant, the record.

    def now_ns(self) -> int:
        return self.time_ns

    def call_at(self, at_ns: int, action: Callable[[], None]) -> None:
        self.orders.append(f"wait {(at_ns - self.time_ns) // MS}")
        self.timers.append((at_ns, action))

    def alarm(self, delay_ns: int, action: Callable[[], None]) -> Conversation:
        self.orders.append(f"within {delay_ns // MS}")
        self.due = action
        return self

    def cancel(self) -> None:
        self.due = None

    def take(self, now_ns: int) -> None:
        """There is no idle connection."""

    def connect_for(self, client: UpstreamClient) -> None:
        self.orders.append("connect")
        self.asking.append(client)

    def write(self, data: bytes) -> None:
        self.orders.append(f"give {said(data)}")

    def answered(self, *, close: bool) -> None:
        self.orders.append("close" if close else "next")

    def hang(self) -> None:
        self.orders.append("hang")

    def reset(self) -> None:
        self.orders.append("reset")

    def reset_soon(self) -> None:
        self.orders.append("reset soon")

    def reset_on_next(self, told: Callable[[int], None]) -> None:
        self.orders.append("reset on next")

    def set_reading(self, on: bool) -> None:
        self.orders.append("read the request" if on else "stop the request")

    def add(self, record: Members) -> None:
        copy, hold, end = record[1], record[7], record[8]
        self.orders.append(f"record {end}{' of a copy' if copy else ''}{f' {hold}' if hold else ''}")

    def fired(self, fault: str, op: int, at_ns: int, detail: dict[str, object]) -> None:
        place = f" {detail['came']} as {detail['left']}" if "came" in detail else ""
        self.orders.append(f"fired {fault}{place}")

    def delivered(self, *given: object) -> None:
        """Our own client says itself what it got."""

    def failed(self, fault: str, error: Exception, at_ns: int) -> None:
        raise error

    # The events: a merchant asks, the provider answers, time passes, the run intervenes.

    def asks(self, how: str = "", body: bytes = b"hi", size: int = 2) -> None:
        """``how``: its header lines, with commas between them."""
        lines = "".join(f"ackord-{line.strip()}\r\n" for line in how.split(",") if line)
        method = "GET" if "key: query" in how else "POST"
        raw = f"{method} /p HTTP/1.1\r\nHost: x\r\nackord-op: 1\r\nContent-Length: {size}\r\n{lines}\r\n"
        request = self.edge.request(RequestHead(raw.encode()), body, body)
        self.exchange = ProxiedExchange(self.edge, self, request, whole=len(body) == size)
        self.exchange.start()

    def submits(self, how: str = "") -> None:
        self.asks(f"key: submit/1/1,{how}")

    def queries(self, how: str = "") -> None:
        self.asks(f"key: query/1/1,{how}")

    def asks_much(self) -> None:
        self.asks(body=b"l" * 150, size=200)

    def sends_the_rest(self) -> None:
        self.exchange.request_data(b"l" * 50, b"l" * 200, whole=True)

    def connected(self) -> None:
        upstream = Upstream(self.orders)
        self.open.append(upstream)
        self.asking.pop(0).connected(upstream)

    def refused(self) -> None:
        self.asking.pop(0).unreachable("no", "ACKORD_UPSTREAM_UNREACHABLE")

    @property
    def served(self) -> UpstreamClient:
        """The exchange of the oldest connection that serves one."""
        self.time_ns += MS
        return next(upstream.exchange for upstream in self.open if upstream.exchange is not None)

    def answer(self) -> None:
        self.served.complete(ANSWER, b"ok", b"ok", False)

    def other_answer(self) -> None:
        self.served.complete(ANSWER, b"no", b"no", False)

    def begins(self) -> None:
        self.open[-1].came = (ANSWER, b"o", False)
        self.served.part(ANSWER, b"o")

    def ends(self) -> None:
        self.served.complete(ANSWER, b"k", b"ok", False)

    def much_comes(self) -> None:
        self.served.part(ANSWER, b"m" * 150)

    def answer_until_close(self) -> None:
        self.served.complete(CLOSING, b"ok", b"ok", False)

    def interim(self) -> None:
        self.served.interim(EARLY)

    def garbled(self) -> None:
        self.served.garbled()

    def provider_lost(self) -> None:
        self.served.upstream_lost()

    def merchant_lost(self) -> None:
        self.exchange.merchant_lost("reset")

    def merchant_gives_up(self) -> None:
        self.exchange.merchant_lost("timeout")

    def merchant_is_slow(self) -> None:
        self.exchange.answer_flow(stop=True)

    def merchant_is_gone(self) -> None:
        self.gone = True

    def merchant_is_ahead(self) -> None:
        self.is_ahead = True

    def provider_is_slow(self) -> None:
        self.exchange.request_flow(stop=True)

    def time_passes(self) -> None:
        """Until what waits longest is due."""
        at_ns = max(at_ns for at_ns, _ in self.timers)
        while due := [timer for timer in self.timers if timer[0] <= at_ns]:
            self.timers.remove(min(due, key=lambda timer: timer[0]))
            self.time_ns, action = min(due, key=lambda timer: timer[0])
            action()

    def bound_is_over(self) -> None:
        assert self.due is not None
        self.due()

    def healed(self) -> None:
        self.edge.set_rules(1, [])

    def token_done(self) -> None:
        self.edge.holds.complete("t")

    def another_joins(self) -> None:
        self.edge.holds.join("g", 2, lambda: None)

    def called_back(self) -> None:
        self.edge.awaited.called(1, end=True)


TABLES = """
# nothing happens
asks -> connect
connected -> send POST hi
answer -> give 200 ok, record complete, keep the connection, next

# an answer in parts
asks -> connect
connected -> send POST hi
interim -> give 103
begins -> give 200 o
ends -> give +k, record complete, keep the connection, next

# an answer that ends with its connection
asks -> connect
connected -> send POST hi
answer until close -> give 200 ok, record complete, close the connection, close

# a request too large to hold
asks much -> stop the request, connect
connected -> send POST 150 bytes, read the request
provider is slow -> stop the request
sends the rest -> send +llllllllllllllllllllllllllllllllllllllllllllllllll
answer -> give 200 ok, record complete, keep the connection, next

# a slow merchant
asks -> connect
connected -> send POST hi
merchant is slow -> stop the answer
begins -> give 200 o
ends -> give +k, record complete, read the answer, keep the connection, next

# the merchant is lost before the request is sent
asks -> connect
merchant lost ->
connected -> keep the connection

# the merchant is lost before the answer
asks -> connect
connected -> send POST hi
merchant lost -> record reset, abort the connection

# the merchant gives up within the answer
asks -> connect
connected -> send POST hi
begins -> give 200 o
merchant gives up -> record timeout, abort the connection

# the provider is lost before its answer
asks -> connect
connected -> send POST hi
provider lost -> record reset, abort the connection, reset

# the provider is lost within its answer
asks -> connect
connected -> send POST hi
begins -> give 200 o
provider lost -> record reset, abort the connection, reset

# the answer is garbled
asks -> connect
connected -> send POST hi
garbled -> record garbled, abort the connection, reset

# the node is refused
asks -> connect
refused -> record refused, give 502 89 bytes, next

# held until a token is done
submits / hold: ack:t -> connect
connected -> within 2000
token done -> send POST hi
answer -> give 200 ok, record complete released, keep the connection, next

# held for a token that is done
submits / token: t -> connect
connected -> send POST hi
answer -> give 200 ok, record complete, keep the connection, next
submits / hold: ack:t -> connect
connected -> within 2000, send POST hi
answer -> give 200 ok, record complete released, keep the connection, next

# held for too long
submits / hold: ack:t -> connect
connected -> within 2000
bound is over -> send POST hi
token done ->
answer -> give 200 ok, record complete timed-out, keep the connection, next

# a barrier sends the last bytes together
submits / hold: barrier:g:2 -> connect
connected -> within 2000, send POST h
another joins -> send +i
answer -> give 200 ok, record complete released, keep the connection, next

# the provider is lost while the request is held
submits / hold: ack:t -> connect
connected -> within 2000
provider lost ->
token done -> connect
connected -> send POST hi
answer -> give 200 ok, record complete released, keep the connection, next

# the merchant is lost while the request is held
submits / hold: ack:t -> connect
connected -> within 2000
merchant lost -> abort the connection
token done ->

# the answer comes before the request
submits / hold: ack:t -> connect
connected -> within 2000
answer -> abort the connection, reset

# latency | latency {"ms": 5}
submits -> fired latency, wait 5
time passes -> connect
connected -> send POST hi
answer -> give 200 ok, record complete, keep the connection, next

# latency is healed | latency {"ms": 5}
submits -> fired latency, wait 5
healed -> connect
connected -> send POST hi
answer -> give 200 ok, record complete, keep the connection, next

# latency, and the merchant is lost | latency {"ms": 5}
submits -> fired latency, wait 5
merchant lost ->
time passes ->

# a request is lost | lost-request
submits -> fired lost-request, reset

# a request is lost in silence | lost-request {"mode": "hang"}
submits -> fired lost-request, hang

# a node is unreachable | unreachable
submits -> fired unreachable, record refused, give 502 105 bytes, next

# a reset | reset
submits -> connect
connected -> send POST hi, fired reset, read the answer, within 30000, reset
answer -> record complete, keep the connection

# a reset, and no answer | reset
submits -> connect
connected -> send POST hi, fired reset, read the answer, within 30000, reset
bound is over -> record timeout, abort the connection

# an answer is lost | lost-answer
submits -> connect
connected -> send POST hi
begins ->
ends -> record complete, keep the connection, fired lost-answer, reset

# an answer is lost in silence | lost-answer {"mode": "hang"}
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired lost-answer, hang

# an answer is lost, and the merchant does not wait | lost-answer
submits -> connect
connected -> send POST hi
merchant gives up -> fired lost-answer, read the answer, within 30000
answer -> record complete, keep the connection

# an error instead | error-substitution {"status": 503, "body": "no"}
submits -> fired error-substitution, give 503 no, next

# an error instead, and the request is sent | error-substitution {"status": 503, "body": "no", "forward": true}
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired error-substitution, give 503 no, next

# a redirect | redirect {"forward": false}
submits -> fired redirect, give 307 {"code":"MOVED"}, next

# copies after the request | duplicate-delivery {"copies": 2, "delay_ms": 5}
submits -> connect
connected -> send POST hi, wait 5, wait 10
answer -> give 200 ok, record complete, keep the connection, next
time passes -> connect, connect
connected -> send POST hi, fired duplicate-delivery, read the answer, within 30000
connected -> send POST hi, fired duplicate-delivery, read the answer, within 30000
answer -> record complete of a copy, keep the connection
answer -> record complete of a copy, keep the connection

# a copy after the answer, which nobody answers | duplicate-delivery {"when": "after-answer", "delay_ms": 5}
submits -> connect
connected -> send POST hi
answer -> give 200 ok, record complete, wait 5, keep the connection, next
time passes -> connect
connected -> send POST hi, fired duplicate-delivery, read the answer, within 30000
bound is over -> record timeout of a copy, abort the connection

# copies are healed | duplicate-delivery {"copies": 1, "delay_ms": 5}
submits -> connect
connected -> send POST hi, wait 5
healed -> connect
connected -> send POST hi, fired duplicate-delivery, read the answer, within 30000
answer -> give 200 ok, record complete, keep the connection, next
answer -> record complete of a copy, keep the connection

# queries change places | reordered-queries {"size": 2, "window_ms": 50}
queries -> connect
connected -> wait 50
queries -> connect
connected -> fired reordered-queries 2 as 1, send GET hi, fired reordered-queries 1 as 2, send GET hi
answer -> give 200 ok, record complete, keep the connection, next
answer -> give 200 ok, record complete, keep the connection, next
time passes ->

# a query that is alone in its window | reordered-queries {"size": 2, "window_ms": 50}
queries -> connect
connected -> wait 50
time passes -> send GET hi
answer -> give 200 ok, record complete, keep the connection, next

# a query leaves its window | reordered-queries {"size": 2, "window_ms": 50}
queries -> connect
connected -> wait 50
merchant lost -> abort the connection
time passes ->

# a late answer | late-answer {"ms": 5}
submits -> connect
connected -> send POST hi
begins ->
ends -> record complete, keep the connection, fired late-answer, wait 5
time passes -> give 200 ok, next

# a late answer is healed | late-answer {"ms": 5}
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired late-answer, wait 5
healed -> give 200 ok, next

# an answer too large to be late | late-answer {"ms": 5}
submits -> connect
connected -> send POST hi
much comes -> give 200 150 bytes
ends -> give +k, record complete, keep the connection, next

# a callback before the acknowledgement | callback-before-acknowledgement
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, wait 1000
called back -> fired callback-before-acknowledgement, give 200 ok, next
time passes ->

# no callback before the acknowledgement | callback-before-acknowledgement
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, wait 1000
time passes -> give 200 ok, next

# a connection closed after the answer | connection-closed
submits -> connect
connected -> send POST hi
answer -> give 200 ok, record complete, keep the connection, fired connection-closed, close

# a connection closed when it is used again | connection-closed {"when": "next-request"}
submits -> connect
connected -> send POST hi
answer -> give 200 ok, record complete, keep the connection, reset on next, next

# an answer cut short | truncated-body {"bytes": 1}
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired truncated-body, give 200 o, close

# an answer cut short by a reset | truncated-body {"bytes": 1, "end": "reset"}
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired truncated-body, give 200 o, reset soon

# a slow body | slow-body {"bytes_per_s": 100}
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired slow-body, give 200, wait 10
time passes -> give +o, wait 10
time passes -> give +k, next

# a slow body is healed | slow-body {"bytes_per_s": 100}
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired slow-body, give 200, wait 10
healed -> give +o, wait 0, give +k, next
time passes ->

# an oversized answer | oversized-answer {"mib": 1}
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired oversized-answer, give 200 1048578 bytes, next

# an earlier answer | stale-answer {"behind": 1}
queries -> connect
connected -> send GET hi
answer -> record complete, keep the connection, give 200 ok, next
queries -> connect
connected -> send GET hi
other answer -> record complete, keep the connection, fired stale-answer, give 200 ok, next

# an order that is not there yet | stale-answer {"not_found": true, "lag_ms": 50}
submits -> connect
connected -> send POST hi
answer -> give 200 ok, record complete, keep the connection, next
queries -> connect
connected -> send GET hi
answer -> record complete, keep the connection, fired stale-answer, give 404 26 bytes, next

# reads of a replica | stale-reads {"least_ms": 60000, "most_ms": 60000}
submits -> connect
connected -> send POST hi
answer -> give 200 ok, record complete, keep the connection, next
queries -> connect
connected -> send GET hi
answer -> record complete, keep the connection, fired stale-reads, give 404 26 bytes, next

# reads after a failover | stale-after-failover
submits -> connect
connected -> send POST hi
answer -> give 200 ok, record complete, keep the connection, next
queries -> connect
connected -> send GET hi
answer -> record complete, keep the connection, fired stale-after-failover, give 404 26 bytes, next

# an error after it is done | error-after-done {"status": 500, "body": "no"}
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired error-after-done, give 500 no, next

# a conflict in flight | conflict-in-flight
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired conflict-in-flight, give 409 22 bytes, next
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired conflict-in-flight, give 409 22 bytes, next

# a merchant who is gone when its late answer is due | late-answer {"ms": 5}
submits -> connect
connected -> send POST hi
answer -> record complete, keep the connection, fired late-answer, wait 5
merchant is gone ->
time passes ->

# a connection closed before the request that is here already | connection-closed {"when": "next-request"}
submits -> connect
connected -> send POST hi
merchant is ahead ->
answer -> give 200 ok, record complete, keep the connection, fired connection-closed, reset soon

# an answer of a replica that is no list | stale-list {"lag_ms": 50}
queries -> connect
connected -> send GET hi
answer -> record complete, keep the connection, give 200 ok, next
queries -> connect
connected -> send GET hi
other answer -> record complete, keep the connection, give 200 no, next

# faults that go together | latency {"ms": 5}, duplicate-delivery {"when": "after-answer", "delay_ms": 5}, late-answer {"ms": 20}, error-substitution {"status": 503, "body": "no", "forward": true}
submits -> fired latency, wait 5
time passes -> connect
connected -> send POST hi
answer -> record complete, wait 5, keep the connection, fired late-answer, wait 20
time passes -> connect, fired error-substitution, give 503 no, next
connected -> send POST hi, fired duplicate-delivery, read the answer, within 30000
answer -> record complete of a copy, keep the connection
"""
Table = tuple[list[dict[str, Any]], list[str]]


def tables() -> dict[str, Table]:
    """The rules and the lines of each table; its first line is its name and the faults with their parameters."""
    found: dict[str, Table] = {}
    for block in TABLES.strip().split("\n\n"):
        first, *lines = block.split("\n")
        name, _, faults = first.removeprefix("# ").partition(" | ")
        named = re.findall(r"([a-z-]+)(?: (\{.*?\}))?(?:, |$)", faults)
        found[name] = [{"fault": fault, "params": json.loads(params or "{}")} for fault, params in named], lines
    return found


CONVERSATIONS = tables()


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation(name: str) -> None:
    rules, lines = CONVERSATIONS[name]
    conversation = Conversation(rules)
    played = []
    for line in lines:
        event = line.partition(" ->")[0]
        called, _, how = event.partition(" / ")
        getattr(conversation, called.replace(" ", "_"))(*([how] if how else []))
        played.append(f"{event} -> {', '.join(conversation.orders)}".rstrip())
        conversation.orders.clear()
    assert played == lines
    edge = conversation.edge
    assert (edge.in_flight, len(edge.pauses), edge.holds.held, edge.windows.held, conversation.due) == (
        0,
        0,
        0,
        0,
        None,
    )


def test_every_fault_of_the_edge_has_a_conversation() -> None:
    assert {rule["fault"] for rules, _ in CONVERSATIONS.values() for rule in rules} == set(edge_faults())
