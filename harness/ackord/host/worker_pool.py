"""Runs functions in worker processes that share nothing with this one, and end with it.

``ProcessPoolExecutor`` does the work. What it lacks is an end in order: Ctrl-C and SIGTERM reach a whole process group,
so that workers printed tracebacks of their own, and an executor whose workers were gone printed one when its futures
were cancelled by anybody but itself.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, ParamSpec, TypeVar
from weakref import WeakSet

from ..errors import EnvironmentFailed

__all__ = ["WorkerPool"]

P = ParamSpec("P")
T = TypeVar("T")


class WorkerPool:
    """A context manager. Functions, arguments and results are pickled."""

    def __init__(self, count: int, prepare: Callable[..., None], *arguments: Any) -> None:
        """Each of at most ``count`` workers begins with ``prepare(*arguments)``."""
        context = multiprocessing.get_context("spawn")
        end, self._end = context.Pipe(duplex=False)
        self._inherited = end
        self._pool = ProcessPoolExecutor(count, context, _begin, (end, prepare, arguments))
        self._jobs: WeakSet[Future[Any]] = WeakSet()

    def submit(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> Future[T]:
        """Have a worker do it, as soon as one is free."""
        # A worker inherits the mask, so that Ctrl-C cannot meet it while it still imports.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            job = self._pool.submit(work, *arguments, **named)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._jobs.add(job)
        return job

    def results(self, work: Callable[..., T], calls: Iterable[tuple[Any, ...]], *, what: str, mend: str) -> Iterator[T]:
        """Have ``work`` done with the arguments of each call, and yield the results as they come.

        Raises ``EnvironmentFailed`` if a worker is killed, such as for want of memory; ``what`` was not done then, and
        ``mend`` says what may help.
        """
        try:
            for job in as_completed([self.submit(work, *arguments) for arguments in calls]):
                yield job.result()
        except BrokenProcessPool as error:
            raise EnvironmentFailed(
                f"a worker process ended before {what}, perhaps for want of memory.\n  mend: {mend}"
            ) from error

    def close(self) -> None:
        """End the workers, at once if they still work."""
        if not all(job.done() for job in self._jobs):
            self._end.close()
        self._pool.shutdown(cancel_futures=True)
        self._end.close()
        self._inherited.close()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _begin(end: Connection, prepare: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Set up a worker: Ctrl-C is the parent's business, and when that is gone, or says so, the worker ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = multiprocessing.parent_process()
    sentinels = [end] if parent is None else [end, parent.sentinel]
    threading.Thread(target=_end_with, args=(sentinels,), daemon=True).start()
    prepare(*arguments)


def _end_with(sentinels: list[Any]) -> None:
    multiprocessing.connection.wait(sentinels)
    os._exit(1)
