"""Serves HTTP/1.1 on loopback from a thread of its own; what is answered is a subclass's business."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any, NamedTuple, Self

from ackord.core.clock import RealClock

from ..waiting import PATIENCE_S

__all__ = ["LoopbackServer", "ServedRequest", "changed", "read_request", "response"]

_CLOCK = RealClock()


class ServedRequest(NamedTuple):
    """A request as the provider sees it."""

    at_ns: int
    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


class LoopbackServer:
    """A context manager: the server runs while it is entered."""

    listens_on = ("127.0.0.1", 0)
    """A subclass in a network of its own may listen elsewhere."""
    port: int = 0

    async def respond(self, request: ServedRequest, writer: asyncio.StreamWriter) -> bytes | None:
        """Return the whole response; ``None`` hangs up."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, *self.listens_on))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def die(self) -> None:
        """Close the port and every connection, from the thread of the server or another."""
        self._loop.call_soon_threadsafe(self._hang_up)

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def _hang_up(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _close(self) -> None:
        self._hang_up()
        connections = asyncio.all_tasks(self._loop) - {asyncio.current_task(self._loop)}
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while (answer := await self.respond(await read_request(reader), writer)) is not None:
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


async def read_request(reader: asyncio.StreamReader) -> ServedRequest:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return ServedRequest(_CLOCK.now_ns(), method, path, headers, body)


def response(status: int, body: dict[str, Any] | str | bytes, headers: dict[str, str] | None = None) -> bytes:
    """Return a response with JSON, or with a page if ``body`` is text; bytes are sent as JSON."""
    data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    kind = "text/html" if isinstance(body, str) else "application/json"
    all_headers = {"content-type": kind, "content-length": str(len(data)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in all_headers.items())
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + data


def changed(text: str, *changes: tuple[str, str]) -> str:
    """Return a contract's text with these changes; each must fit exactly once."""
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands in it {text.count(old)} times"
        text = text.replace(old, new)
    return text
