"""Runs coroutines in virtual time: an event loop whose queue is a ``VirtualClock``'s, without a selector or a thread.

It has what ``asyncio.sleep``, ``wait``, ``shield``, ``gather`` and futures ask of a loop, which is all that the
provider's service asks for, and raises ``NotImplementedError`` for everything else. An exception in a task leaves the
loop where it is raised, and so ends the program: nobody would read what asyncio prints of it.
"""

from __future__ import annotations

import asyncio
from asyncio.events import _get_running_loop, _set_running_loop
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from typing import Any, ClassVar, TypeVar, cast

from ..core.clock import SECOND, VirtualClock

__all__ = ["Pause", "VirtualLoop"]

T = TypeVar("T")
Work = Coroutine[Any, Any, T]


class Pause(tuple[int]):
    """``await Pause((duration_ns,))`` sleeps in a ``VirtualLoop``: as ``asyncio.sleep``, for a tenth of its cost."""

    __slots__ = ()
    __await__ = cast("Callable[[Any], Generator[int, None, None]]", tuple.__iter__)


class VirtualTimer(list[Any]):
    """A call that falls due: its loop, the function, and the arguments; empty when it is cancelled.

    A list, because most of them are made to be forgotten.
    """

    __slots__ = ()
    cancel = list.clear

    def fire(self) -> None:
        if self:
            on, callback, args = self
            on.calling = True
            callback(*args)
            on.call_ready()


class VirtualTask:
    """A coroutine that runs, and the future of its result, if somebody waits for it. It cannot be cancelled.

    asyncio's own task would keep an exception until somebody asks for it, and knows no ``Pause``.
    """

    __slots__ = ("_future", "_on", "_work")

    def __init__(self, work: Work[Any], on: VirtualLoop, future: asyncio.Future[Any] | None = None) -> None:
        self._work, self._on, self._future = work, on, future

    def step(self, _: object = None) -> None:
        """Run until it waits for something, or ends."""
        on = self._on
        outside = _get_running_loop()
        _set_running_loop(on)
        try:
            awaited = self._work.send(None)
        except StopIteration as end:
            if self._future is not None:
                self._future.set_result(end.value)
        else:
            if type(awaited) is int:
                on.clock.call_later(awaited, self.step)
            elif awaited is None:
                on.call_soon(self.step)
            else:
                awaited._asyncio_future_blocking = False
                awaited.add_done_callback(self.step)
        finally:
            _set_running_loop(outside)


class VirtualLoop(asyncio.AbstractEventLoop):
    """The loop of one program. What is to be called soon is called at this instant."""

    get_debug: ClassVar[Any] = staticmethod(bool)
    """False. Each future asks."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.calling = False
        """Whether what is ready is called anyway."""
        self._ready: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()

    def start(self, work: Work[Any]) -> None:
        """Run a coroutine until it waits for something, and see it through in virtual time."""
        VirtualTask(work, self).step()

    def at_once(self, work: Work[T]) -> T:
        """Run a coroutine that waits for nothing. Raises ``RuntimeError`` for one that does."""
        try:
            work.send(None)
        except StopIteration as end:
            result: T = end.value
            return result
        work.close()
        raise RuntimeError("what is to be done at once takes time")

    def time(self) -> float:
        return self.clock.now_ns() / SECOND

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, **_: Any) -> Any:
        future: asyncio.Future[Any] = asyncio.Future(loop=self)
        self.call_soon(VirtualTask(coro, self, future).step)
        return future

    def call_soon(self, callback: Callable[..., object], *args: Any, **_: Any) -> Any:  # type: ignore[override]
        self._ready.append((callback, args))
        if not self.calling:
            self.calling = True
            self.clock.call_later(0, self.call_ready)

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, **_: Any
    ) -> Any:
        timer = VirtualTimer((self, callback, args))
        self.clock.call_later(round(delay * SECOND), timer.fire)
        return timer

    def call_ready(self) -> None:
        """Call what is ready, and what that wants to be called soon."""
        ready = self._ready
        try:
            while ready:
                callback, args = ready.popleft()
                callback(*args)
        finally:
            self.calling = False
