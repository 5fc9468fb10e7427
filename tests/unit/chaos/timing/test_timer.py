"""Fine timers: nothing early, everything in order, with the kernel's help and without."""

from __future__ import annotations

import asyncio
import ctypes
import time

import pytest

from ackord.chaos.timing.timer import FineTimer
from ackord.core.clock import MS


@pytest.fixture(params=["timerfd", "loop"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    if name == "loop":

        def missing(*_: object, **__: object) -> None:
            raise OSError("no C library")

        monkeypatch.setattr(ctypes, "CDLL", missing)
    return name


def test_calls_come_in_order_and_never_early(kind: str) -> None:
    async def run() -> list[tuple[str, int]]:
        timer = FineTimer(asyncio.get_running_loop(), time.monotonic_ns)
        done = asyncio.Event()
        calls: list[tuple[str, int]] = []
        start_ns = time.monotonic_ns()

        def call(name: str, after_ms: int) -> None:
            at_ns = start_ns + after_ms * MS
            timer.call_at(at_ns, lambda: calls.append((name, time.monotonic_ns() - at_ns)))

        call("third", 9)
        call("first", 3)
        call("second", 6)
        call("second too", 6)
        timer.call_at(start_ns + 3 * MS, lambda: call("overdue", 1))
        timer.call_at(start_ns + 10 * MS, done.set)
        assert calls == []
        await asyncio.wait_for(done.wait(), 20)
        timer.close()
        return calls

    calls = asyncio.run(run())
    assert [name for name, _ in calls] == ["first", "overdue", "second", "second too", "third"]
    assert all(late_ns >= 0 for _, late_ns in calls)


def test_what_is_past_is_called_soon_but_not_at_once(kind: str) -> None:
    async def run() -> None:
        timer = FineTimer(asyncio.get_running_loop(), time.monotonic_ns)
        done = asyncio.Event()
        timer.call_at(0, done.set)
        assert not done.is_set()
        await asyncio.wait_for(done.wait(), 20)
        timer.close()

    asyncio.run(run())


def test_a_call_that_fails_takes_no_other_with_it(kind: str) -> None:
    async def run() -> int:
        loop = asyncio.get_running_loop()
        failures: list[object] = []
        loop.set_exception_handler(lambda _, context: failures.append(context))
        timer = FineTimer(loop, time.monotonic_ns)
        done = asyncio.Event()
        timer.call_at(1, lambda: 1 // 0)
        timer.call_at(2, done.set)
        await asyncio.wait_for(done.wait(), 20)
        timer.close()
        return len(failures)

    assert asyncio.run(run()) == 1


def test_nothing_is_called_after_the_end(kind: str) -> None:
    async def run() -> list[int]:
        timer = FineTimer(asyncio.get_running_loop(), time.monotonic_ns)
        calls: list[int] = []
        timer.call_at(1, lambda: calls.append(1))
        timer.close()
        timer.call_at(1, lambda: calls.append(2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return calls

    assert asyncio.run(run()) == []
