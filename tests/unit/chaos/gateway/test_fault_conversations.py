"""Conversations under every fault and every mixture of faults, with healing at any moment: nothing is raised, and
nothing is left.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.chaos.faults import FAULTS, EdgeFault, register
from ackord.chaos.faults.edge import edge_faults
from ackord.chaos.faults.edge_actions import ResetAfterSend
from ackord.chaos.faults.edge_views import AnswerView, KeyedRandom, RequestView
from ackord.chaos.gateway.exchange_record import DeliveryRecord
from ackord.chaos.gateway.reverse_proxy import ProxySettings, ReverseProxy
from ackord.chaos.timing.timer import FineTimer

from .test_conversations import OK, PIECES, SENT, Stage, calm, on_stage

COMPOSABLE = sorted(name for name, fault in edge_faults().items() if fault.composable)
TERMINAL = sorted(edge_faults().keys() - COMPOSABLE)
PARAMS: dict[str, list[dict[str, Any]]] = {
    "latency": [{"ms": 0.001}, {"ms": 60_000}],
    "reordered-queries": [{"size": 2}, {"size": 3, "window_ms": 0}],
    "duplicate-delivery": [{"copies": 2}, {"when": "after-answer"}, {"when": "after-answer", "delay_ms": 60_000}],
    "late-answer": [{"ms": 0}, {"ms": 0.001}, {"ms": 60_000}],
    "callback-before-acknowledgement": [{}, {"callback": "any", "most_ms": 60_000}],
    "connection-closed": [{}, {"when": "next-request"}],
    "lost-request": [{}, {"mode": "hang"}],
    "unreachable": [{}, {"mode": "silent"}],
    "lost-answer": [{}, {"mode": "hang"}],
    "error-substitution": [{}, {"forward": True, "page": "cdn"}],
    "redirect": [{}, {"forward": False}],
    "truncated-body": [{}, {"end": "reset"}, {"bytes": 0}],
    "slow-body": [{"bytes_per_s": 1e6}, {"bytes_per_s": 1}],
    "conflict-in-flight": [{}],
    "error-after-done": [{}, {"status": 500, "body": "{}"}],
    "oversized-answer": [{"mib": 1}],
    "stale-after-failover": [{}],
    "stale-list": [{"lag_ms": 60_000}],
    "stale-reads": [{"least_ms": 60_000, "most_ms": 60_000}],
    "stale-answer": [{}, {"lag_ms": 60_000}, {"lag_ms": 60_000, "not_found": True}],
    "reset": [{}],
}
QUERY = b"GET /q HTTP/1.1\r\nHost: x\r\nackord-op: 2\r\nackord-key: query/1/1\r\n\r\n"
SAID = [
    PIECES,
    st.sampled_from([QUERY, QUERY * 3, QUERY * 2, OK, b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nnot"]),
]
STEPS = st.lists(st.tuples(st.sampled_from("mmmmppppssxyrh"), st.one_of(SAID), st.integers(0, 60)), max_size=25)


def rule(fault: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(PARAMS[fault]).map(lambda params: {"fault": fault, "params": params})


@pytest.mark.parametrize("terminal_fault", TERMINAL)
@calm
@given(st.data())
def test_whatever_hits_together_nothing_is_raised_and_nothing_is_left(terminal_fault: str, data: st.DataObject) -> None:
    """m: the merchant says; p: the provider says; s: things settle; x, y: one side goes; r: the merchant reads again;
    h: all is taken back.
    """
    extra = data.draw(st.lists(st.sampled_from(COMPOSABLE), unique=True, max_size=4))
    rules = [data.draw(rule(fault)) for fault in (*extra, terminal_fault)]
    steps = data.draw(STEPS)

    async def play(stage: Stage) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
        stage.state.set_rules(1, rules)
        for who, said, cut in steps:
            if who == "m":
                stage.merchant.receive(said[:cut])
                stage.merchant.receive(said[cut:])
            elif who == "p" and stage.upstreams:
                stage.provider.receive(said)
            elif who == "x" and cut < 10:
                stage.merchant.lose()
            elif who == "y" and stage.upstreams and cut < 30:
                stage.provider.lose()
            elif who == "r":
                stage.merchant.protocol.pause_writing()
                stage.merchant.protocol.resume_writing()
            elif who == "h" and cut < 20:
                stage.state.set_rules(1, [])
            else:
                await stage.settle()
        stage.state.set_rules(1, [])
        for _ in range(200):  # a body whose fault was taken back is still written part by part, a part a turn
            await stage.settle()
        assert len(stage.state.pauses) == 0

    failures: list[dict[str, Any]] = []
    stage = on_stage(play)
    assert failures == []
    assert stage.state.in_flight == 0
    assert stage.state.windows.held == stage.state.holds.held == 0
    assert all(r["complete_ns"] > r["begin_ns"] for r in stage.records if r.get("end") == "complete")
    named = {name for r in stage.records if r["event"] == "exchange" for name in r["faults"]}
    assert {r["fault"] for r in stage.records if r["event"] == "fired"} <= {*extra, terminal_fault}
    assert named <= {*extra, terminal_fault}


NEEDS_OTHERS = {"reordered-queries", "callback-before-acknowledgement"}
"""They fire only with another query, or with a callback."""


@pytest.mark.parametrize("extra", [name for name in COMPOSABLE if name not in NEEDS_OTHERS])
@pytest.mark.parametrize("terminal_fault", ["", *TERMINAL])
def test_what_goes_with_what(terminal_fault: str, extra: str) -> None:
    """The table of the README: a composable fault takes effect beside every terminal fault that leaves
    it something to act on.
    """
    rules = [
        {"fault": extra, "params": {"latency": {"ms": 1}}.get(extra, {})},
        *([{"fault": terminal_fault}] if terminal_fault else []),
    ]

    async def play(stage: Stage) -> None:
        stage.state.set_rules(1, rules)
        stage.merchant.receive(
            SENT.replace(b"POST", b"GET").replace(b"\r\n\r\n", b"\r\nackord-op: 2\r\nackord-key: query/1/1\r\n\r\n")
        )
        for _ in range(4):
            await stage.settle()
            for wire in list(stage.upstreams):
                if wire.take():
                    wire.receive(OK)
            stage.state.set_rules(1, rules[1:])  # what waits on account of the composable fault is let go
        stage.state.set_rules(1, [])
        await stage.settle()

    stage = on_stage(play)
    effects = {r["fault"] for r in stage.records if r["event"] == "fired"}
    assert (extra in effects) is (terminal_fault not in SILENCED[extra])


NO_ANSWER = {"lost-request", "unreachable", "reset", "lost-answer"}
UNSENT = {"lost-request", "unreachable", "error-substitution"}
SILENCED: dict[str, set[str]] = {
    "latency": set(),
    "duplicate-delivery": UNSENT,
    "late-answer": NO_ANSWER,
    "connection-closed": {*NO_ANSWER, "truncated-body"},
}
"""The terminal faults, with their default parameters, that leave a composable fault nothing to act on."""


def test_a_merchant_who_goes_away_leaves_its_window() -> None:
    async def play(stage: Stage) -> None:
        stage.state.set_rules(1, [{"fault": "reordered-queries", "params": {"size": 2, "window_ms": 60_000}}])
        stage.merchant.receive(QUERY)
        await stage.settle()
        assert stage.state.windows.held == 1
        stage.merchant.lose()
        await stage.settle()
        assert stage.state.windows.held == 0
        assert stage.provider.take() == b""

    assert on_stage(play).records == []


def test_a_body_of_which_only_a_part_is_here_meets_no_rule() -> None:
    async def play(stage: Stage) -> None:
        stage.state.set_rules(1, [{"fault": "error-substitution", "match": {"body": {"$.a": 1}}}])
        head = b"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"
        stage.merchant.receive(head + b'{"a": 1}' + b" " * 2500)
        await stage.settle()
        assert len(stage.provider.take()) > 2500, "too large to be held, so it is passed on as it comes"

    assert on_stage(play).records[0]["faults"] == []


def test_an_edge_that_closes_forgets_what_waits() -> None:
    async def close() -> int:
        timer = FineTimer(asyncio.get_running_loop(), lambda: 1)
        edge = ReverseProxy(ProxySettings("e", {"A": ("127.0.0.1", 1)}, "A"), lambda lines: None, timer, lambda: 1)
        edge.set_rules(1, [{"fault": "latency", "params": {"ms": 1}}])
        edge._state.pauses.wait(edge._state.rules.rules[0], 10**12, lambda: None)
        await edge.close()
        timer.close()
        return len(edge._state.pauses)

    assert asyncio.run(close()) == 0


class Broken(EdgeFault):
    """Raises, as the code of a package may."""

    fault: Literal["broken"]
    where: str

    def on_request(self, request: RequestView, random: KeyedRandom) -> Any:
        if self.where == "a request":
            raise KeyError("mine")
        return ResetAfterSend() if self.where == "an action without a list" else ()

    def on_answer(self, answer: AnswerView) -> Any:
        if self.where == "an answer":
            raise KeyError("mine")
        return ResetAfterSend() if self.where == "another action" else None


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("a request", "raised KeyError: 'mine'"),
        ("an action without a list", "ResetAfterSend"),
        ("an answer", "raised KeyError: 'mine'"),
        ("another action", "which is no action for an answer"),
    ],
)
def test_a_fault_that_fails_ends_the_run_and_not_the_conversation(
    where: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FAULTS, "_things", dict(FAULTS._things))
    register(Broken)

    async def play(stage: Stage) -> None:
        stage.state.set_rules(1, [{"fault": "broken", "params": {"where": where}}])
        stage.merchant.receive(QUERY)
        await stage.settle()
        stage.provider.receive(OK)
        await stage.settle()
        assert stage.merchant.take() == OK

    died = [record for record in on_stage(play).records if record["event"] == "part-died"]
    assert len(died) == 1
    assert died[0]["part"].startswith("the fault broken raised ")
    assert says in died[0]["part"]
    assert ".py:" in died[0]["part"]


GET = b"GET /q HTTP/1.1\r\nHost: x\r\n\r\n"
DELIVERED: dict[str, tuple[str, dict[str, Any], int | None, str]] = {
    "a late answer is the provider's": ("late-answer", {"ms": 0.001}, 200, "ok"),
    "a slow answer is the provider's": ("slow-body", {"bytes_per_s": 1e9}, 200, "ok"),
    "a lost answer is none": ("lost-answer", {}, None, "lost-answer kept the answer"),
    "a cut answer is none": ("truncated-body", {"bytes": 1}, None, "the answer ended after 1 bytes"),
    "a request that was lost": ("lost-request", {}, None, "lost-request kept the request from the provider"),
    "an answer in the provider's stead": ("error-substitution", {"status": 503, "body": "no"}, 503, "no"),
}


@pytest.mark.parametrize("case", DELIVERED)
def test_what_a_foreign_merchant_was_given_is_told(case: str) -> None:
    fault, params, status, told = DELIVERED[case]

    async def play(stage: Stage) -> None:
        stage.state.set_rules(1, [{"fault": fault, "params": params}])
        stage.merchant.receive(GET)
        await stage.settle()
        if stage.upstreams:
            stage.provider.receive(OK)
        await stage.settle()
        stage.state.set_rules(1, [])
        for _ in range(20):
            await stage.settle()

    records = on_stage(play).records
    (given,) = [DeliveryRecord.from_json(r) for r in records if r["event"] == "delivered"]
    assert given.op == -1 and (given.request.method, given.request.target) == ("GET", "/q")
    if status is None:
        assert (given.response, given.detail) == (None, told)
    else:
        assert given.response is not None
        assert (given.response.status, given.response.body.decode()) == (status, told)
    assert {r["op"] for r in records} == {-1}, "what belongs together is found by the number of the arrival"


def test_our_own_client_says_itself_what_it_got() -> None:
    async def play(stage: Stage) -> None:
        stage.state.set_rules(1, [{"fault": "lost-answer"}])
        stage.merchant.receive(QUERY)
        await stage.settle()
        stage.provider.receive(OK)
        await stage.settle()

    assert {r["event"] for r in on_stage(play).records} == {"exchange", "fired"}
