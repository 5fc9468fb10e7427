"""Runs child processes, and exchanges JSON lines with them over their standard input and output.

One line in is a request ``{"id": 7, "do": "open_link", ...}``. One line out is its reply ``{"id": 7, "ok": {...}}`` or
``{"id": 7, "error": "..."}``, or an unsolicited event ``{"event": "exchange", ...}``, or ``{"block": 900}``: so many
bytes follow, a batch of events that only the child's own kind can read (``unpack``). A pipe needs no port and no
secret, and costs some 50 µs a call. It closes when the parent dies, however it dies; the child then cleans up and ends.

The parent's half is ``ChildProcess``; the child's half is ``serve`` with ``emit`` and ``emit_block``.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any

from ..errors import EnvironmentFailed
from .event_delivery import EventDelivery
from .run_dir import RunDir

__all__ = ["ChildProcess", "Handler", "backlog_bytes", "emit", "emit_block", "serve"]

Json = dict[str, Any]
Handler = Callable[..., Awaitable[Json | None] | Json | None]
Unpack = Callable[[bytes], list[Json]]


def _unreadable(block: bytes) -> list[Json]:
    raise EnvironmentFailed(f"a child process sent a block of {len(block)} bytes, and nobody was named who reads it")


class ChildProcess:
    """The parent's end of one child process. Calls are safe from any thread."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        name: str,
        log: Path,
        on_event: Callable[[Json], None] | None,
        unpack: Unpack,
    ) -> None:
        self._process = process
        self._unpack = unpack
        self.name = name
        self._log = log
        self._events = EventDelivery(f"the {name} process", on_event)
        self._ids = itertools.count(1)
        self._waiting: dict[int, Future[Json]] = {}
        self._lock = threading.Lock()
        self._closed = self._stopping = self._ended = False
        self._reader = threading.Thread(target=self._read, name=f"ackord-{name}", daemon=True)
        self._reader.start()

    @classmethod
    def start(
        cls,
        module: str,
        *,
        run: RunDir,
        name: str,
        on_event: Callable[[Json], None] | None = None,
        unpack: Unpack = _unreadable,
    ) -> ChildProcess:
        """Run ``python -m module`` in its own session, so that Ctrl-C reaches only the parent, which ends the child in
        order.

        ``on_event`` is called in the reader's thread, with every event that the child emits. What it raises, the next
        ``call`` raises: an Ackord error as it is, any other as the cause of ``EnvironmentFailed``. ``unpack`` makes
        events of a block that the child emits.
        """
        log = run.path / f"{name}.log"
        with log.open("ab") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        run.record(process.pid)
        return cls(process, name, log, on_event, unpack)

    @property
    def pid(self) -> int:
        return self._process.pid

    def death(self) -> str:
        """Say that the process ended although nobody stopped it; empty: it runs, or was stopped."""
        return f"the {self.name} process ended by itself.{self._tail()}" if self._ended and not self._stopping else ""

    def call(self, do: str, /, *, timeout_s: float = 15.0, **arguments: Any) -> Json:
        """Ask for ``do`` and wait for the reply. Raises ``EnvironmentFailed`` if the child fails, dies or takes too
        long, and what ``on_event`` raised before the reply.
        """
        number, future = self._post(do, arguments)
        try:
            reply = future.result(timeout_s)
            self._events.check()
            return reply
        except FutureTimeout:
            self._events.check()
            raise EnvironmentFailed(
                f"the {self.name} process did not answer {do!r} within {timeout_s:g} s.{self._tail()}"
            ) from None
        finally:
            with self._lock:
                self._waiting.pop(number, None)

    def post(self, do: str, /, **arguments: Any) -> Future[Json]:
        """Ask for ``do`` without waiting; ``asyncio.wrap_future`` makes the result awaitable."""
        return self._post(do, arguments)[1]

    def _post(self, do: str, arguments: Json) -> tuple[int, Future[Json]]:
        future: Future[Json] = Future()
        future.set_running_or_notify_cancel()  # whoever waits may give up, but cannot cancel what the reader completes
        number = next(self._ids)
        line = json.dumps({"id": number, "do": do, **arguments}, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            if self._closed:
                future.set_exception(EnvironmentFailed(f"the {self.name} process is gone.{self._tail()}"))
                return number, future
            self._waiting[number] = future
            try:
                assert self._process.stdin is not None
                self._process.stdin.write(line)
                self._process.stdin.flush()
            except (BrokenPipeError, OSError, ValueError):
                self._waiting.pop(number, None)
                future.set_exception(EnvironmentFailed(f"the {self.name} process is gone.{self._tail()}"))
        return number, future

    def stop(self, timeout_s: float = 8.0) -> None:
        """Close the child's pipe, wait until it ends, and kill it if it does not. Safe to call twice."""
        with self._lock:
            self._closed = self._stopping = True
            with contextlib.suppress(OSError, ValueError):
                assert self._process.stdin is not None
                self._process.stdin.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout_s)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # a line cut off by the child's death
            if "event" in message:
                self._events.hand_over(message)
                continue
            if "block" in message:
                block = self._process.stdout.read(message["block"])
                if len(block) == message["block"]:  # else cut off by the child's death
                    self._events.hand_over_all(block, self._unpack)
                continue
            with self._lock:
                future = self._waiting.pop(message["id"], None)
            if future is not None:
                if "error" in message:
                    future.set_exception(EnvironmentFailed(f"{self.name}: {message['error']}"))
                else:
                    future.set_result(message["ok"] or {})
        with self._lock:
            self._closed = self._ended = True
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.set_exception(EnvironmentFailed(f"the {self.name} process ended.{self._tail()}"))

    def _tail(self) -> str:
        """The last lines that the child wrote to its log, for an error's text."""
        try:
            lines = self._log.read_text(errors="replace").strip().splitlines()[-6:]
        except OSError:
            return ""
        return " Its last words:\n  " + "\n  ".join(lines) if lines else ""


_output: asyncio.WriteTransport | None = None


def emit(event: Json) -> None:
    """In the child: send an event to the parent. It needs the key ``event``. It is buffered and never blocks."""
    if _output is not None and not _output.is_closing():
        _output.write(json.dumps(event, separators=(",", ":")).encode() + b"\n")


def emit_block(block: bytes) -> None:
    """In the child: send a batch of events, as the parent's ``unpack`` reads it."""
    if _output is not None and not _output.is_closing():
        _output.write(b'{"block":%d}\n%b' % (len(block), block))


def backlog_bytes() -> int:
    """In the child: return how many bytes the parent has not read yet. A sender of many events should keep this
    bounded.
    """
    return 0 if _output is None else _output.get_write_buffer_size()


async def serve(handlers: Mapping[str, Handler]) -> None:
    """In the child: answer requests until the parent closes the pipe or dies. The caller cleans up afterwards.

    Handlers take the request's other fields as keyword arguments and run concurrently. An exception that a handler
    raises becomes the reply's ``error``. SIGTERM ends the service as the end of the pipe does; SIGINT is left to the
    parent.
    """
    global _output
    loop = asyncio.get_running_loop()
    # Keep the pipe under another descriptor: a stray print must go to the log, not between two messages.
    private = os.dup(1)
    os.dup2(2, 1)
    _output, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(private, "wb"))
    requests = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), sys.stdin)
    loop.add_signal_handler(signal.SIGTERM, requests.feed_eof)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tasks: set[asyncio.Task[None]] = set()

    async def answer(request: Json) -> None:
        number, do = request.pop("id"), request.pop("do")
        try:
            result = handlers[do](**request)
            if inspect.isawaitable(result):
                result = await result
        except Exception as error:
            text = str(error) or type(error).__name__
            emit_reply({"id": number, "error": text if not isinstance(error, KeyError) else f"{do}: {error!r}"})
        else:
            emit_reply({"id": number, "ok": result})

    def emit_reply(reply: Json) -> None:
        if _output is not None and not _output.is_closing():
            _output.write(json.dumps(reply, separators=(",", ":")).encode() + b"\n")

    while line := await requests.readline():
        task = loop.create_task(answer(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
