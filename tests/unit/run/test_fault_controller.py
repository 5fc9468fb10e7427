"""Arming: what a seam is told when, whatever the schedules; nothing counts as effective without evidence."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from ackord.chaos.faults import ActiveFault, Fault, Seam
from ackord.core.clock import MS, SECOND, Clock, RealClock
from ackord.errors import EnvironmentFailed
from ackord.run import fault_controller as module
from ackord.run.fault_controller import FaultController
from ackord.run.injectors import Injector, Json


class Lag(Fault):
    """A fault of which the test says what shows it."""

    seam = Seam.REPLICATION
    proof: ClassVar[Json | None] = None

    async def evidence(self, run: Any, armed: ActiveFault[Any]) -> Json | None:
        return self.proof


class Shown(Lag):
    """A fault that a provider may show by itself."""

    takes_hold_late = True
    proof: ClassVar[Json | None] = {"probe_lag_ms": 200}


class Crash(Fault):
    """A fault that happens at an instant."""

    seam = Seam.PROCESS
    instant = True


LAG = Lag(fault="lag")
NARROW = Lag(fault="narrow")


class FakeSeam(Injector[Any]):
    """Remembers what it was told; ``told`` lets a test wait for the next time."""

    told: list[list[str]]
    broken = False

    async def apply(self, active: Sequence[ActiveFault[Any]]) -> None:
        self.told.append([a.fault.fault for a in active])
        if self.broken:
            raise EnvironmentFailed("the link is gone")

    async def trigger(self, fault: Fault) -> Json:
        self.told.append([f"{fault.fault}!"])
        return {"node": "A"}


@pytest.fixture
def seam(monkeypatch: pytest.MonkeyPatch) -> type[FakeSeam]:
    fake = type("Seam", (FakeSeam,), {"told": []})
    monkeypatch.setattr(module, "INJECTORS", dict.fromkeys(Seam, fake))
    return fake


def make(clock: Clock | None = None, *, inject: bool = True) -> tuple[FaultController, list[Any]]:
    events: list[Any] = []
    recorder: Any = SimpleNamespace(add=events.append, events=events)
    environment: Any = SimpleNamespace()
    return FaultController(environment, recorder, clock or RealClock(), seed=1, inject=inject), events


def changes(events: list[Any]) -> list[str]:
    return [f"{e.fault} {e.change}" for e in events]


async def told(seam: type[FakeSeam], times: int) -> None:
    async with asyncio.timeout(10):
        while len(seam.told) < times:  # noqa: ASYNC110 - it spins; no time is slept away
            await asyncio.sleep(0)


def test_a_seam_is_told_all_that_is_in_force_there(seam: type[FakeSeam]) -> None:
    async def play() -> list[Any]:
        fault_controller, events = make()
        await fault_controller.arm(LAG)
        await fault_controller.arm(NARROW)
        await fault_controller.arm(LAG)
        await fault_controller.heal(LAG)
        await fault_controller.heal_all()
        return events

    events = asyncio.run(play())
    assert seam.told == [["lag"], ["lag", "narrow"], ["narrow"], []]
    assert changes(events) == ["lag armed", "narrow armed", "lag healed", "narrow healed"]


def test_a_schedule_turns_a_fault_on_and_off_and_healing_ends_it(seam: type[FakeSeam]) -> None:
    outage = Lag.model_construct(fault="cut", after_ms=1, for_ms=2, every_ms=4)

    async def play() -> list[Any]:
        fault_controller, events = make()
        await fault_controller.arm(LAG)
        await fault_controller.arm(outage)
        await told(seam, 5)
        await fault_controller.heal(outage)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return events

    events = asyncio.run(play())
    assert seam.told[:5] == [["lag"], ["lag", "cut"], ["lag"], ["lag", "cut"], ["lag"]]
    assert seam.told[-1] == ["lag"]
    assert changes(events)[1:6] == ["cut armed", "cut began", "cut ended", "cut began", "cut ended"]
    assert changes(events)[-1] == "cut healed"


def test_a_turn_that_is_under_way_ends_before_the_healing_begins(seam: type[FakeSeam]) -> None:
    """Else a slow engine could cut a link after it was healed."""
    brief = Lag.model_construct(fault="cut", after_ms=1)
    done: list[list[str]] = []

    async def play() -> None:
        go_on = asyncio.Event()

        async def slow(self: FakeSeam, active: Sequence[ActiveFault[Any]]) -> None:
            names = [a.fault.fault for a in active]
            self.told.append(names)
            if names:
                await go_on.wait()
            done.append(names)

        seam.apply = slow  # type: ignore[method-assign]
        fault_controller, _ = make()
        await fault_controller.arm(brief)
        await told(seam, 1)
        healing = asyncio.create_task(fault_controller.heal(brief))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        go_on.set()
        await healing

    asyncio.run(play())
    assert done == [["cut"], []]


def test_a_fault_ends_by_itself_though_nobody_takes_it_back(seam: type[FakeSeam]) -> None:
    brief = Lag.model_construct(fault="cut", for_ms=1)

    async def play() -> list[Any]:
        fault_controller, events = make()
        await fault_controller.arm(brief)
        await told(seam, 2)
        return events

    assert changes(asyncio.run(play()))[:2] == ["cut armed", "cut began"]
    assert seam.told == [["cut"], []]


@pytest.mark.parametrize("after_ms", [0, 1])
def test_an_outage_that_was_slow_to_begin_lasts_as_long(seam: type[FakeSeam], after_ms: int) -> None:
    class JumpingClock(RealClock):
        jumped_ns = 0

        def now_ns(self) -> int:  # type: ignore[override]
            return time.monotonic_ns() + self.jumped_ns

    clock = JumpingClock()

    async def slow(self: FakeSeam, active: Sequence[ActiveFault[Any]]) -> None:
        self.told.append([a.fault.fault for a in active])
        clock.jumped_ns += SECOND if active else 0

    async def play() -> list[Any]:
        seam.apply = slow  # type: ignore[method-assign]
        fault_controller, events = make(clock)
        await fault_controller.arm(Lag.model_construct(fault="cut", after_ms=after_ms, for_ms=2))
        await told(seam, 2)
        return events

    _, began, ended = asyncio.run(play())[:3]
    assert (began.change, ended.change) == ("began", "ended")
    assert ended.at_ns - began.at_ns >= 2 * MS


def test_blows_are_recorded_with_what_they_hit(seam: type[FakeSeam]) -> None:
    crash = Crash.model_construct(fault="crash", every_ms=1)

    async def play() -> list[Any]:
        fault_controller, events = make()
        await fault_controller.arm(crash)
        await told(seam, 3)
        await fault_controller.heal_all()
        return events

    events = asyncio.run(play())
    assert set(map(tuple, seam.told)) == {("crash!",)}
    fired = [e for e in events if e.change == "fired"]
    assert len(fired) >= 2
    assert all(e.detail == {"node": "A"} for e in fired)


def test_only_evidence_makes_a_fault_effective(seam: type[FakeSeam], monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(fault: Fault, **made: Any) -> list[str]:
        fault_controller, events = make(**made)
        await fault_controller.arm(fault)
        await fault_controller.prove()
        await fault_controller.prove()
        return changes(events)

    assert asyncio.run(play(LAG)) == ["lag armed"]
    monkeypatch.setattr(Lag, "proof", {"probe_lag_ms": 200})
    assert asyncio.run(play(LAG)) == ["lag armed", "lag effective"]
    assert asyncio.run(play(LAG, inject=False)) == ["lag armed"]
    assert asyncio.run(play(Shown(fault="lag"), inject=False)) == ["lag armed", "lag effective"], "it lags by itself"


def test_without_injection_a_seam_is_told_nothing(seam: type[FakeSeam]) -> None:
    async def play() -> list[str]:
        fault_controller, events = make(inject=False)
        await fault_controller.arm(Crash(fault="crash"))
        await fault_controller.arm(LAG)
        await fault_controller.heal_all()
        return changes(events)

    assert asyncio.run(play()) == ["crash armed", "lag armed", "crash healed", "lag healed"]
    assert seam.told == []


def test_everything_is_taken_back_though_one_fails(seam: type[FakeSeam]) -> None:
    crash = Crash.model_construct(fault="crash", every_ms=600_000)

    async def play() -> list[str]:
        fault_controller, events = make()
        await fault_controller.arm(LAG)
        await fault_controller.arm(crash)
        seam.broken = True
        with pytest.raises(EnvironmentFailed, match="the link is gone"):
            await fault_controller.heal_all()
        return changes(events)

    assert asyncio.run(play())[-2:] == ["crash armed", "crash healed"]  # and no word that the lag was healed
