"""Runs coroutines in virtual time: an event loop whose queue is a ``VirtualClock``'s, without a selector or a thread.

It has what ``asyncio.sleep``, ``wait``, ``shield``, ``gather`` and futures ask of a loop, which is all that the
provider's service asks for, and raises ``NotImplementedError`` for everything else. An exception in a task leaves the
loop where it is raised, and so ends the program: nobody would read what asyncio prints of it.
"""

from __future__ import annotations

import asyncio
import types
from asyncio.events import _get_running_loop, _set_running_loop
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

from ..core.clock import SECOND, VirtualClock

__all__ = ["VirtualLoop", "pause"]

T = TypeVar("T")


@types.coroutine
def pause(duration_ns: int) -> Generator[int, None, None]:
    """Sleep in a task of a ``VirtualLoop``: as ``asyncio.sleep``, for a third of its cost."""
    yield duration_ns


class VirtualTimer(asyncio.TimerHandle):
    """A call that falls due, unless it is cancelled."""

    __slots__ = ("_call", "_on")

    def __init__(self, on: VirtualLoop, call: tuple[Callable[..., object], tuple[Any, ...]]) -> None:
        self._on = on
        self._call: tuple[Callable[..., object], tuple[Any, ...]] | None = call

    def fire(self) -> None:
        if self._call is not None:
            self._on.run_with(self._call)

    def cancel(self) -> None:
        self._call = None


class VirtualTask(asyncio.Future[T]):
    """A coroutine that runs, and the future of its result. It cannot be cancelled.

    asyncio's own task would keep an exception until somebody asks for it, and does not know ``pause``.
    """

    def __init__(self, work: Coroutine[Any, Any, T], on: VirtualLoop) -> None:
        super().__init__(loop=on)
        self._work, self._on = work, on

    def step(self, _: object = None) -> None:
        """Run until it waits for something, or ends."""
        outside = _get_running_loop()
        _set_running_loop(self._on)
        try:
            awaited = self._work.send(None)
        except StopIteration as end:
            self.set_result(end.value)
        else:
            if type(awaited) is int:
                self._on.clock.call_later(awaited, self.step)
            elif awaited is None:
                self._on.call_soon(self.step)
            else:
                awaited._asyncio_future_blocking = False
                awaited.add_done_callback(self.step)
        finally:
            _set_running_loop(outside)


class VirtualLoop(asyncio.AbstractEventLoop):
    """The loop of one program. What is to be called soon is called at this instant, after what is due already."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self._ready: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._calling = False

    def start(self, work: Coroutine[Any, Any, T]) -> VirtualTask[T]:
        """Run a coroutine until it waits for something, and see it through in virtual time."""
        task = VirtualTask(work, self)
        task.step()
        return task

    def at_once(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine that waits for nothing. Raises ``asyncio.InvalidStateError`` for one that does."""
        return self.start(work).result()

    def time(self) -> float:
        return self.clock.now_ns() / SECOND

    def get_debug(self) -> bool:
        return False

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, **_: Any) -> Any:
        task = VirtualTask(coro, self)
        self.call_soon(task.step)
        return task

    def call_soon(self, callback: Callable[..., object], *args: Any, **_: Any) -> Any:  # type: ignore[override]
        self._ready.append((callback, args))
        if not self._calling:
            self._calling = True
            self.clock.call_later(0, self._call_ready)

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, **_: Any
    ) -> VirtualTimer:
        timer = VirtualTimer(self, (callback, args))
        self.clock.call_later(round(delay * SECOND), timer.fire)
        return timer

    def run_with(self, call: tuple[Callable[..., object], tuple[Any, ...]]) -> None:
        """Make a call that is due, and those that it wants soon."""
        self._ready.append(call)
        if not self._calling:
            self._calling = True
            self._call_ready()

    def _call_ready(self) -> None:
        ready = self._ready
        try:
            while ready:
                callback, args = ready.popleft()
                callback(*args)
        finally:
            self._calling = False
