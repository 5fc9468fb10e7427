"""A run waits for promised callbacks: until they are there, or until their time is over, and never for hours."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from ackord.core.clock import MS, SECOND
from ackord.core.event import Begin, CallbackReceived, Complete, Event, FaultChange
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.run.callback_waiting import MOST_NS, CallbackWaiting


def event(at_ms: int, number: str, state: str) -> Event:
    """A callback; one without a state was refused."""
    if not state:
        return FaultChange(at_ms * MS, "callback-refused", "fired", "callback", 0, {"order": number})
    return CallbackReceived(at_ms * MS, number, "event", Observation.STATUS, PaymentState[state], "")


class Scene:
    """A clock that only waiting moves, and what has been recorded by an instant."""

    def __init__(self, *called: tuple[int, str, str]) -> None:
        self.now = 0
        self._called = called

    def now_ns(self) -> int:
        return self.now

    async def pause(self, ms: float) -> None:
        self.now += round(ms * MS)

    @property
    def events(self) -> list[Any]:
        return [event(*called) for called in self._called if called[0] * MS <= self.now]


def waited_ms(scene: Scene, within_ns: int | None, *numbers: str, first: bool = False, open_number: str = "") -> float:
    orders: Any = [
        SimpleNamespace(terminal=n != open_number, acknowledged=True, payment=SimpleNamespace(order_no=n))
        for n in numbers
    ]
    clock: Any = scene
    recorder: Any = scene
    waiting = CallbackWaiting(Promises(calls_back_within_ns=within_ns), recorder, clock, scene.pause)
    asyncio.run(waiting.first(orders) if first else waiting.ends(orders))
    return scene.now / MS


def test_until_every_order_that_ended_was_called_back() -> None:
    scene = Scene((10, "a", "PROCESSING"), (40, "a", "SUCCEEDED"), (90, "b", "FAILED"))
    assert waited_ms(scene, SECOND, "a", "b", "c", open_number="c") == 100


def test_before_the_healing_any_callback_counts_that_was_taken() -> None:
    scene = Scene((10, "a", "PROCESSING"), (20, "b", ""), (70, "b", "PROCESSING"))
    assert waited_ms(scene, SECOND, "a", "b", first=True) == 75


@pytest.mark.parametrize("called", [(), ((10, "a", "PROCESSING"),), ((10, "b", "SUCCEEDED"),)])
def test_until_the_time_is_over(called: tuple[tuple[int, str, str], ...]) -> None:
    assert waited_ms(Scene(*called), SECOND, "a") == 1025


@pytest.mark.parametrize("within_ns", [None, MOST_NS + 1])
def test_never_for_what_nobody_promises_or_what_takes_hours(within_ns: int | None) -> None:
    assert waited_ms(Scene(), within_ns, "a") == 0


def begun(at_ms: int, number: str) -> Event:
    return Begin(at_ms * MS, Vantage.MERCHANT, 1, 0, OperationKind.RESUBMIT, "ours", number, 2, "p", 5, "")


def completed(at_ms: int) -> Event:
    status = (Outcome.OK, Observation.STATUS, PaymentState.SUCCEEDED)
    return Complete(at_ms * MS, Vantage.MERCHANT, 2, 0, *status, None, None, "", None)


class Resubmitted(Scene):
    """Order ``a`` was sent again at 0; ``answered``: when a query was completed by a callback."""

    def __init__(self, *called: tuple[int, str, str], answered: int | None = None) -> None:
        super().__init__(*called)
        self._answered = [] if answered is None else [completed(answered)]

    @property
    def events(self) -> list[Any]:
        return [begun(0, "a"), *self._answered, *super().events]


def waited_again_ms(scene: Scene, *numbers: str) -> float:
    orders: Any = [SimpleNamespace(terminal=True, payment=SimpleNamespace(order_no=n)) for n in numbers]
    clock: Any = scene
    recorder: Any = scene
    promises = Promises(resubmission_calls_back_within_ns=SECOND)
    asyncio.run(CallbackWaiting(promises, recorder, clock, scene.pause).ends(orders))
    return scene.now / MS


def test_until_an_order_that_was_sent_again_was_called_back_once_more() -> None:
    assert waited_again_ms(Resubmitted((350, "a", "SUCCEEDED")), "a", "b") == 400


def test_what_answers_a_query_answers_no_resubmission() -> None:
    assert waited_again_ms(Resubmitted((350, "a", "SUCCEEDED"), answered=350), "a") == 1200


def test_nothing_is_waited_for_where_nothing_was_sent_again() -> None:
    assert waited_again_ms(Resubmitted(), "b") == 0
