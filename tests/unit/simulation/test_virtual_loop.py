"""Coroutines run in virtual time as they do in real time, and a failure is never silent."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from ackord.core.clock import MS, SECOND, VirtualClock
from ackord.simulation.virtual_loop import Pause, VirtualLoop


class Stage:
    """A loop, and what was written at which millisecond."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.loop = VirtualLoop(self.clock)  # type: ignore[abstract]
        self.written: list[tuple[str, int]] = []

    def write(self, what: str) -> None:
        self.written.append((what, self.clock.now_ns() // MS))

    def play(self, story: Coroutine[Any, Any, Any]) -> Any:
        task = self.loop.create_task(story)
        self.clock.sleep_ns(60 * SECOND)
        return task.result()


def test_who_sleeps_wakes_in_the_order_of_time() -> None:
    stage = Stage()

    async def sleep(ms: int) -> None:
        await (asyncio.sleep(ms / 1000) if ms % 2 else Pause((ms * MS,)))
        stage.write(str(ms))

    async def story() -> None:
        await asyncio.gather(*(sleep(ms) for ms in (30, 7, 1, 20)))
        stage.write("all")

    stage.play(story())
    assert stage.written == [("1", 1), ("7", 7), ("20", 20), ("30", 30), ("all", 30)]


def test_a_task_begins_after_the_one_that_began_it_and_at_the_same_instant() -> None:
    stage = Stage()

    async def second() -> int:
        stage.write("second")
        await asyncio.sleep(0)
        stage.write("second again")
        return 2

    async def story() -> int:
        task = asyncio.get_running_loop().create_task(second())
        stage.write("first")
        return await task

    assert stage.play(story()) == 2
    assert stage.written == [("first", 0), ("second", 0), ("second again", 0)]


def test_a_future_is_waited_for_with_patience_and_behind_a_shield() -> None:
    stage = Stage()

    async def story() -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        assert loop.time() == 0
        coming = loop.create_future()
        loop.call_later(0.05, coming.set_result, 5)
        done, _ = await asyncio.wait([coming], timeout=0.02)
        assert not done
        stage.write("impatient")
        done, _ = await asyncio.wait([coming], timeout=1)
        assert done
        return await asyncio.shield(coming), await asyncio.shield(asyncio.ensure_future(one()))

    async def one() -> int:
        await Pause((MS,))
        return 1

    assert stage.play(story()) == (5, 1)
    assert stage.written == [("impatient", 20)]


def test_what_was_cancelled_is_not_called() -> None:
    stage = Stage()
    stage.loop.call_later(0.01, stage.write, "never").cancel()
    stage.loop.call_later(0.02, stage.write, "once")
    stage.clock.sleep_ns(SECOND)
    assert stage.written == [("once", 20)]


def test_a_failure_in_the_background_ends_the_program() -> None:
    stage = Stage()

    async def fail() -> None:
        await asyncio.sleep(0.01)
        raise RuntimeError("lost")

    async def story() -> None:
        stage.loop.create_task(fail())

    stage.loop.start(story())
    with pytest.raises(RuntimeError, match="lost"):
        stage.clock.sleep_ns(SECOND)


def test_what_takes_time_is_not_done_at_once() -> None:
    stage = Stage()

    async def told() -> int:
        return 7

    async def take_time() -> None:
        await Pause((MS,))

    assert stage.loop.at_once(told()) == 7
    with pytest.raises(RuntimeError, match="takes time"):
        stage.loop.at_once(take_time())


def test_the_loop_around_it_stays_what_it_was() -> None:
    async def around() -> bool:
        before = asyncio.get_running_loop()
        stage = Stage()
        stage.play(asyncio.sleep(1))
        return asyncio.get_running_loop() is before

    assert asyncio.run(around())
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()
