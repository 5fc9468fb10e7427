"""A sandbox's clock is moved on by the steps that the promise has, and orders are sent again after each."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from ackord.client.transport import NoResponse
from ackord.contract.base.field_types import Duration
from ackord.contract.base.http_messages import HttpResponse
from ackord.core.clock import SECOND, VirtualClock
from ackord.errors import EnvironmentFailed
from ackord.run import clock_walk
from ackord.run.clock_walk import ClockWalk

HOUR_S = 3600
STEPS = ("before-key-expiry", "after-key-expiry")


class Sandbox:
    """Takes every call in the transport's place, and answers as it is told."""

    def __init__(self, answer: HttpResponse | NoResponse) -> None:
        self.answer = answer
        self.closed = 0

    def __call__(self, url: str, **settings: Any) -> Sandbox:
        assert url == "direct"
        return self

    async def send(self, request: Any, *, timeout_ns: int) -> HttpResponse:
        if isinstance(self.answer, NoResponse):
            raise self.answer
        return self.answer

    async def close(self) -> None:
        self.closed += 1


class Storm:
    """Three orders, one of them never acknowledged."""

    def __init__(self) -> None:
        self.orders = [
            SimpleNamespace(acknowledged=n != 1, submit=lambda n=n: f"submit {n}", query=lambda n=n: f"query {n}")
            for n in range(3)
        ]
        self.performed: list[str] = []

    async def perform(self, order: Any, call: str) -> None:
        self.performed.append(call)


def walked(
    monkeypatch: pytest.MonkeyPatch,
    retention: Duration | str | None,
    answer: HttpResponse | NoResponse,
    steps: Any = STEPS,
) -> tuple[list[int], list[int], list[str]]:
    """The seconds that the sandbox was asked to move on by, those that were recorded, and what was sent again."""
    asked: list[int] = []
    recorded: list[int] = []
    clock = VirtualClock()

    def advance(by_s: int, unix_s: int, context: Any) -> str:
        asked.append(by_s)
        return "request"

    contract = SimpleNamespace(
        contract=SimpleNamespace(
            promises=SimpleNamespace(key_retention=retention), limits=SimpleNamespace(answer_bytes=1024)
        ),
        codec=SimpleNamespace(clock=SimpleNamespace(advance=advance)),
    )
    context: Any = SimpleNamespace(
        plan=SimpleNamespace(contract=contract, options=SimpleNamespace(ca=None)),
        clock=SimpleNamespace(now_ns=clock.now_ns, unix_s=lambda: 1_700_000_000),
        environment=SimpleNamespace(direct_url="direct", certificate=None),
        client=SimpleNamespace(timeout_ns=SECOND),
        recorder=SimpleNamespace(add=lambda event: recorded.append(event.by_ns)),
    )
    sandbox, storm = Sandbox(answer), Storm()
    monkeypatch.setattr(clock_walk, "HttpxTransport", sandbox)
    try:
        asyncio.run(ClockWalk(context, storm).walk(steps))  # type: ignore[arg-type]
    finally:
        assert sandbox.closed == len(asked)
    return asked, [by_ns // SECOND for by_ns in recorded], storm.performed


OK = HttpResponse(204, {}, b"")


def test_it_stops_before_and_after_the_promised_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, recorded, performed = walked(monkeypatch, Duration("10h"), OK)
    assert asked == recorded == [9 * HOUR_S, 2 * HOUR_S]
    assert sorted(performed) == sorted(2 * ["submit 0", "query 0", "submit 2", "query 2"])


def test_keys_that_are_kept_for_ever_have_no_step_after(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, _, performed = walked(monkeypatch, None, OK)
    assert asked == [32 * 24 * HOUR_S]
    assert len(performed) == 4


def test_where_nobody_knows_how_long_keys_are_kept_nothing_is_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    assert walked(monkeypatch, "unpublished", OK) == ([], [], [])


@pytest.mark.parametrize(
    ("answer", "why"), [(HttpResponse(403, {}, b"not here"), "403 not here"), (NoResponse("no answer"), "no answer")]
)
def test_a_clock_that_cannot_be_moved_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, answer: HttpResponse | NoResponse, why: str
) -> None:
    with pytest.raises(EnvironmentFailed, match=rf"could not be moved on by 32400 s: {why}"):
        walked(monkeypatch, Duration("10h"), answer)
