"""Send requests to a process inside a container: JSON lines over the container's standard input and output.

The lines are those of ``ackord.host.child_process``. Docker carries both directions over one connection. Output comes
in frames: eight bytes of head (number of the stream, three zeros, length in big endian), then the bytes (Docker Engine
API, "Attach to a container", stream format). The container is made so that its standard input closes with the
connection: the process in it ends when this process ends, however it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import EnvironmentFailed
from ...host.event_delivery import EventDelivery

__all__ = ["AttachFrameDecoder", "AttachedProcess"]

Json = dict[str, Any]

_OUTPUT, _ERRORS = 1, 2
_HEAD_BYTES = 8


class AttachFrameDecoder:
    """Decode the frames of an attached connection, whose bytes come in pieces of any size."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return the frames that are complete now: the number of the stream and its bytes."""
        self._buffer += data
        frames = []
        while len(self._buffer) >= _HEAD_BYTES:
            end = _HEAD_BYTES + int.from_bytes(self._buffer[4:_HEAD_BYTES], "big")
            if len(self._buffer) < end:
                break
            frames.append((self._buffer[0], bytes(self._buffer[_HEAD_BYTES:end])))
            del self._buffer[:end]
        return frames


class AttachedProcess:
    """Talk to the process in one container. ``open`` it before the container starts, so that no output is missed."""

    def __init__(self, name: str, log: Path | None, on_event: Callable[[Json], None]) -> None:
        self.name = name
        self._log = log
        self._events = EventDelivery(f"node {name}", on_event)
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self._line = bytearray()
        self._said = b""
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, connection: socket.socket) -> None:
        """Take over an attached socket."""
        reader, self._writer = await asyncio.open_connection(sock=connection)
        self._task = asyncio.get_running_loop().create_task(self._read(reader))

    async def call(self, do: str, /, *, timeout_s: float = 20.0, **arguments: Any) -> Json:
        """Send the request ``do`` and return its answer.

        Raises ``EnvironmentFailed`` if the request fails, the process ends, or no answer comes in time, and what
        ``on_event`` raised before the answer.
        """
        if self._writer is None or self._writer.is_closing() or self._task is None or self._task.done():
            raise EnvironmentFailed(f"node {self.name} does not run.{self._last_words()}")
        number = next(self._ids)
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._writer.write(json.dumps({"id": number, "do": do, **arguments}, separators=(",", ":")).encode() + b"\n")
        try:
            reply = await asyncio.wait_for(future, timeout_s)
            self._events.check()
            return reply
        except TimeoutError:
            self._events.check()
            raise EnvironmentFailed(
                f"node {self.name} did not answer {do!r} within {timeout_s:g} s.{self._last_words()}"
            ) from None
        finally:
            self._waiting.pop(number, None)

    async def close(self) -> None:
        """Close the container's standard input, which asks the process in it to end. Safe to call twice."""
        if self._writer is not None:
            self._writer.close()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _read(self, reader: asyncio.StreamReader) -> None:
        frames = AttachFrameDecoder()
        try:
            while data := await reader.read(1 << 16):
                for stream, piece in frames.feed(data):
                    if stream == _OUTPUT:
                        self._hear(piece)
                    elif stream == _ERRORS:
                        self._keep(piece)
        except OSError:
            pass
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(EnvironmentFailed(f"node {self.name} ended.{self._last_words()}"))

    def _hear(self, piece: bytes) -> None:
        *lines, rest = (self._line + piece).split(b"\n")
        self._line = bytearray(rest)
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                self._keep(bytes(line) + b"\n")
                continue
            if "event" in message:
                self._events.hand_over(message)
            elif (future := self._waiting.get(message.get("id", 0))) is not None and not future.done():
                if "error" in message:
                    future.set_exception(EnvironmentFailed(message["error"]))
                else:
                    future.set_result(message["ok"] or {})

    def _keep(self, said: bytes) -> None:
        """What is no answer goes to the log; its end is kept for an error's text."""
        self._said = (self._said + said)[-2000:]
        if self._log is not None:
            with contextlib.suppress(OSError), self._log.open("ab") as log:
                log.write(said)

    def _last_words(self) -> str:
        lines = self._said.decode(errors="replace").strip().splitlines()[-6:]
        return " Its last words:\n  " + "\n  ".join(lines) if lines else ""
