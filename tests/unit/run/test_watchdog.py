"""The watchdog ends a run whose provider is gone or whose time is over, and leaves every other alone."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from ackord.core.clock import SECOND, VirtualClock
from ackord.run.watchdog import SILENT, TRIES, RunCut, Watchdog


class Rig:
    """A watchdog in virtual time: ``script`` gives what each probe says."""

    def __init__(
        self, *script: str, silent: int = SILENT, limit_s: float = 1e6, asks: bool = True, dies_s: float = 1e6
    ) -> None:
        self.clock = VirtualClock()
        self.answers = SimpleNamespace(unanswered_in_a_row=silent)
        self.probes = 0
        self._script = list(script)
        self.dog = Watchdog(
            self.answers,
            self.clock,
            deadline_ns=round(limit_s * SECOND),
            overdue=lambda: "the time is over",
            probe=self._probe if asks else None,
            death=lambda: "a part died" if self.clock.now_ns() >= dies_s * SECOND else "",
            pause=self._pause,
        )

    async def _probe(self) -> str:
        self.probes += 1
        return self._script.pop(0) if self._script else ""

    async def _pause(self, s: float) -> None:
        self.clock.sleep_ns(round(s * SECOND))
        await asyncio.sleep(0)

    def guard(self, turns: int) -> bool:
        """Guard a run of so many turns; whether it came to its end."""
        ended = []

        async def run() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            ended.append(True)

        asyncio.run(self.dog.guard(run()))
        return bool(ended)


def test_a_run_that_goes_on_is_left_alone() -> None:
    rig = Rig(silent=SILENT - 1)
    assert rig.guard(200)
    assert rig.probes == 0


def test_a_provider_that_is_gone_ends_the_run() -> None:
    rig = Rig(*["connection refused"] * TRIES)
    with pytest.raises(RunCut, match=rf"{SILENT} requests in a row .* \(connection refused\)") as cut:
        rig.guard(10_000)
    assert "mend: " in str(cut.value)
    assert rig.probes == TRIES


def test_one_answer_past_the_gateway_clears_the_suspicion() -> None:
    rig = Rig("connection refused", "")
    assert rig.guard(200)
    assert (rig.probes, rig.answers.unanswered_in_a_row) == (2, 0)


def test_a_provider_of_ours_is_not_asked() -> None:
    rig = Rig("connection refused", asks=False)
    assert rig.guard(200)
    assert rig.probes == 0


def test_the_time_limit_ends_the_run_to_the_moment() -> None:
    rig = Rig(silent=0, limit_s=1.25)
    with pytest.raises(RunCut, match="the time is over"):
        rig.guard(10_000)
    assert rig.clock.now_ns() == round(1.25 * SECOND)


@pytest.mark.parametrize("turns", [0, 10_000])
def test_a_part_that_died_ends_the_run_and_spoils_one_that_just_ended(turns: int) -> None:
    with pytest.raises(RunCut, match="a part died"):
        Rig(silent=0, dies_s=0 if not turns else 3).guard(turns)


def test_an_error_of_the_run_is_raised_as_it_is() -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(Rig().dog.guard(broken()))


def test_a_run_that_is_cut_was_cancelled_before() -> None:
    seen = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("cleaned up")

    with pytest.raises(RunCut):
        asyncio.run(Rig(*["gone"] * TRIES).dog.guard(endless()))
    assert seen == ["cleaned up"]
