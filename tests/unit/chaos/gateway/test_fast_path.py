"""The fast path: what takes it, what leaves it, and that nobody can tell which path a request took."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ackord.chaos.gateway.downstream import DownstreamConnection
from ackord.chaos.gateway.fast_path import FastPath
from ackord.chaos.gateway.http1.framing import MessageReader
from ackord.chaos.gateway.proxied_exchange import ProxiedExchange

from .playbook import split
from .test_conversations import OK, POST, SENT, Stage, calm, on_stage

GET = b"GET /q HTTP/1.1\r\nHost: x\r\n\r\n"


def lane(stage: Stage) -> type | None:
    """Which lane the merchant's present request is in."""
    merchant = stage.merchant.protocol
    assert isinstance(merchant, DownstreamConnection)
    return None if merchant.exchange is None else type(merchant.exchange)


@contextmanager
def left_to_the_exchange() -> Iterator[list[str]]:
    """What is done by the methods that every exchange has, and not by the lane's own."""
    calls: list[str] = []

    def noted(name: str) -> Any:
        method = getattr(ProxiedExchange, name)

        def call(self: ProxiedExchange, *args: Any) -> None:
            calls.append(name)
            method(self, *args)

        return call

    with ExitStack() as stack:
        for name in ("interim", "part", "complete", "garbled"):
            stack.enter_context(patch.object(ProxiedExchange, name, noted(name)))
        yield calls


async def warm(stage: Stage) -> None:
    """Have a connection to the provider that is idle."""
    stage.merchant.receive(POST)
    await stage.settle()
    stage.provider.receive(OK)
    assert stage.merchant.take() == OK
    stage.provider.take()


@pytest.mark.parametrize(
    ("request_", "taken"),
    [
        (GET, FastPath),
        (POST, FastPath),
        (POST.replace(b"ackord-op", b"ackord-token: t\r\nackord-op"), FastPath),
        (POST.replace(b"ackord-op", b"ackord-hold: ack:t\r\nackord-op"), ProxiedExchange),
        (POST.replace(b"ackord-op", b"ackord-inject: late-answer\r\nackord-op"), ProxiedExchange),
        (POST.replace(b"submit/1", b"submit/2"), ProxiedExchange),
        (GET.replace(b"GET", b"HEAD"), ProxiedExchange),
        (GET.replace(b"/1.1", b"/1.0"), ProxiedExchange),
        (GET.replace(b"Host", b"Connection: close\r\nHost"), ProxiedExchange),
    ],
    ids=["foreign", "ours", "token", "hold", "inject", "hit by a rule", "HEAD", "HTTP/1.0", "close"],
)
def test_a_request_takes_the_lane_only_if_nothing_can_happen_to_it(request_: bytes, taken: type) -> None:
    async def play(stage: Stage) -> None:
        stage.state.set_rules(1, [{"fault": "lost-answer", "match": {"order": [2]}}])
        stage.merchant.receive(POST)
        await stage.settle()
        assert lane(stage) is ProxiedExchange, "there was no idle connection"
        stage.provider.receive(OK)
        stage.merchant.receive(request_)
        assert lane(stage) is taken
        assert stage.state.in_flight == 1

    on_stage(play)


@pytest.mark.parametrize(
    "answer",
    [
        OK[:-1],
        OK + b"x",
        b"HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"nonsense\r\n\r\n",
    ],
    ids=["in part", "too much", "interim", "chunked", "close", "until close", "two lengths", "nonsense"],
)
def test_an_unusual_answer_leaves_the_lane(answer: bytes) -> None:
    async def play(stage: Stage) -> None:
        await warm(stage)
        stage.merchant.receive(POST)
        assert lane(stage) is FastPath
        with left_to_the_exchange() as calls:
            stage.provider.receive(answer)
        assert len(calls) >= 1

    on_stage(play)


def test_an_answer_whose_body_comes_after_its_head_is_passed_on_once() -> None:
    async def play(stage: Stage) -> None:
        await warm(stage)
        stage.merchant.receive(POST)
        assert lane(stage) is FastPath
        stage.provider.receive(OK[:-2])
        stage.provider.receive(OK[-2:])
        assert stage.merchant.take() == OK

    on_stage(play)


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nSet-Cookie: a\r\nConnection: keep-alive\r\nX-Y: z\r\n\r\nnot",
        b"HTTP/1.1 204 No Content\r\nETag: e\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b",
    ],
    ids=["plain", "many headers", "no body", "packed"],
)
def test_the_lane_passes_on_and_records_what_an_exchange_does(answer: bytes) -> None:
    async def play(stage: Stage) -> None:
        await warm(stage)
        seen = []
        for taken in (ProxiedExchange, FastPath):
            with patch.object(FastPath, "send", FastPath.send if taken is FastPath else lambda self, request: False):
                asked_ns = stage.now_ns()
                stage.merchant.receive(GET)
            assert lane(stage) is taken
            sent_ns = stage.now_ns()
            with left_to_the_exchange() as calls:
                stage.provider.receive(answer)
            assert calls == ([] if taken is FastPath else ["complete"])
            stage.state.recorder.flush()
            record = stage.records.pop()
            assert record.pop("op") < 0  # minus the number of its arrival
            assert asked_ns < record.pop("begin_ns") < sent_ns < record.pop("complete_ns") < stage.now_ns()
            seen.append((stage.provider.take(), stage.merchant.take(), record))
        assert seen[0] == seen[1]

    on_stage(play)


def test_an_answer_that_a_rule_wants_remembered_leaves_the_lane() -> None:
    async def play(stage: Stage) -> None:
        await warm(stage)
        stage.merchant.receive(GET)
        assert lane(stage) is FastPath
        stage.state.set_rules(1, [{"fault": "stale-answer", "match": {"order": [2]}}])
        with left_to_the_exchange() as calls:
            stage.provider.receive(OK)
        assert calls == ["complete"]
        assert stage.merchant.take() == OK

    on_stage(play)


def test_a_token_is_done_the_instant_its_answer_is_here() -> None:
    async def play(stage: Stage) -> None:
        await warm(stage)
        stage.merchant.receive(POST.replace(b"ackord-op", b"ackord-token: t\r\nackord-op"))
        assert lane(stage) is FastPath
        released: list[bytes] = []
        stage.state.holds.wait("t", lambda: released.append(stage.merchant.written))
        assert stage.provider.take() == SENT
        stage.provider.receive(OK)
        assert released == [b""], "before the merchant has it"
        assert stage.merchant.take() == OK

    on_stage(play)


REQUESTS = st.sampled_from(
    [
        GET,
        POST,
        POST * 2,
        GET * 3,
        GET.replace(b"GET", b"HEAD"),
        GET.replace(b"/1.1", b"/1.0"),
        GET.replace(b"Host", b"Connection: close\r\nHost"),
        GET.replace(b"Host", b"\r\nHost"),
        b"\r\n" + GET,
        POST.replace(b"ackord-op", b"ackord-token: t\r\nackord-op"),
        POST.replace(b"ackord-op", b"ackord-hold: ack:t\r\nackord-op"),
        POST.replace(b"ackord-op: 1", b"ackord-op: one"),
        POST.replace(b"Length: 2", b"Length: 2\r\nContent-Length: 3"),
        POST.replace(b"Content-Length: 2\r\n\r\nhi", b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
        b"POST /l HTTP/1.1\r\nHost: x\r\nContent-Length: 600\r\n\r\n" + b"l" * 600,
    ]
)
ANSWERS = st.sampled_from(
    [
        OK,
        OK * 2,
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nSet-Cookie: a\r\n\r\nnot",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n" + b"k" * 600,
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"nonsense\r\n\r\n",
    ]
)
CUTS = st.lists(st.integers(0, 1000), max_size=3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("m"), REQUESTS, CUTS),
        st.tuples(st.just("m"), st.sampled_from([GET, POST]), st.just([])),
        st.tuples(st.just("p"), st.just(OK), st.just([])),
        st.tuples(st.just("p"), ANSWERS, CUTS),
        st.tuples(st.sampled_from("xyrwt"), st.just(b""), st.just([])),
        st.tuples(st.just("f"), st.sampled_from([b"", b"late-answer", b"stale-answer", b"lost-answer"]), st.just([])),
    ),
    max_size=12,
)
Step = tuple[str, bytes, list[int]]


def outcome(steps: list[Step]) -> Any:
    """All that merchant, provider and recorder get to see.

    m: the merchant says; p: the provider says; x, y: one side goes; r, w: it does not keep up for a moment; t: a token
    is done; f: rules change.
    """

    async def play(stage: Stage) -> None:
        await warm(stage)
        for who, said, cuts in steps:
            match who:
                case "m":
                    for piece in split(said, cuts):
                        stage.merchant.receive(piece)
                case "p":
                    for piece in split(said, cuts):
                        stage.provider.receive(piece)
                case "x":
                    stage.merchant.lose()
                case "y":
                    stage.provider.lose()
                case "t":
                    stage.state.holds.complete("t")
                case "f":
                    stage.state.set_rules(1, [{"fault": said.decode(), "share": 0.5}] if said else [])
                case _:
                    protocol = (stage.merchant if who == "r" else stage.provider).protocol
                    protocol.pause_writing()
                    protocol.resume_writing()
            await stage.settle()

    stage = on_stage(play)
    wires = [(wire.written, wire.end, wire.is_reading()) for wire in (stage.merchant, *stage.upstreams)]
    records = [{name: value for name, value in r.items() if not name.endswith("_ns")} for r in stage.records]
    return wires, records, stage.state.in_flight


@settings(calm, max_examples=150)
@given(STEPS)
def test_nobody_can_tell_which_lane_a_request_took(steps: list[Step]) -> None:
    express = outcome(steps)
    with (
        patch.object(FastPath, "send", lambda self, request: False),
        patch.object(MessageReader, "feed_whole", lambda self, data, remembered: False),
    ):
        assert outcome(steps) == express


def test_what_is_not_remembered_byte_for_byte_is_read_by_the_full_reader() -> None:
    async def play(stage: Stage) -> None:
        await warm(stage)
        smuggler = POST.replace(b"Content-Length: 2", b"Content-Length: 2\r\nTransfer-Encoding: chunked")
        stage.merchant.receive(smuggler)
        assert stage.provider.take() == b""
        assert stage.merchant.take().startswith(b"HTTP/1.1 400 ")
        await asyncio.sleep(0)

    on_stage(play)
