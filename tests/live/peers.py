"""Plain peers for tests of the chaos process: a provider that does as the path says, and a merchant
on a bare socket.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..waiting import PATIENCE_S, until


def eventually(holds: Callable[[], bool]) -> None:
    until(holds, "this comes to hold")


@dataclass
class Seen:
    """One request as a provider saw it."""

    raw: bytes
    connection: int
    complete_ns: int
    body_bytes: int = 0


@dataclass
class Provider:
    """A server whose answer is told by the path; requests for ``/gated...`` wait until ``open_gate``."""

    answers: dict[str, bytes] = field(default_factory=dict)
    """Path to the raw bytes of an answer, after which the connection is closed."""
    seen: list[Seen] = field(default_factory=list)
    started: int = 0
    """Requests of which at least one byte came."""
    disconnects: int = 0
    port: int = 0

    def __enter__(self) -> Provider:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._gate = asyncio.Event()
        self._connections = 0
        self._open = 0
        self._do(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open_gate(self) -> None:
        self._loop.call_soon_threadsafe(self._gate.set)

    @property
    def open_connections(self) -> int:
        """How many are open now."""
        return self._open

    @property
    def connections(self) -> int:
        """How many were opened so far."""
        return self._connections

    @property
    def paths(self) -> list[str]:
        return [seen.raw.split(b" ")[1].decode() for seen in self.seen]

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 17)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._gate.set()
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        self._open += 1
        number = self._connections
        try:
            while await self._exchange(reader, writer, number):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            self.disconnects += 1
        finally:
            self._open -= 1
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        first = await reader.readexactly(1)
        self.started += 1
        head = first + await reader.readuntil(b"\r\n\r\n")
        body, size = await self._body(reader, head)
        seen = Seen(head + body, number, time.monotonic_ns(), size)
        self.seen.append(seen)
        path = head.split(b" ")[1].decode()
        if path.startswith("/gated"):
            gone = asyncio.ensure_future(reader.read(1))
            opened = asyncio.ensure_future(self._gate.wait())
            done, _ = await asyncio.wait({gone, opened}, return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            if opened not in done:
                opened.cancel()
                raise ConnectionResetError
        if path == "/never":
            await reader.read(1)
            raise ConnectionResetError
        if path in self.answers:
            writer.write(self.answers[path])
            await writer.drain()
            return False
        if path.startswith("/bytes/"):
            await self._send_many(writer, int(path.rpartition("/")[2]))
            return True
        answer = f'{{"path": "{path}"}}'.encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: secret\r\n"
            b"Content-Length: %d\r\n\r\n" % len(answer)
        )
        if not head.startswith(b"HEAD"):
            writer.write(answer)
        await writer.drain()
        return True

    async def _body(self, reader: asyncio.StreamReader, head: bytes) -> tuple[bytes, int]:
        """The body, and its size; a large one is only counted."""
        lowered = head.lower()
        if b"transfer-encoding: chunked" in lowered:
            body = await reader.readuntil(b"0\r\n\r\n")
            return body, len(body)
        if b"content-length:" not in lowered:
            return b"", 0
        size = int(lowered.split(b"content-length:")[1].split(b"\r\n")[0])
        if size <= 1 << 21:
            return await reader.readexactly(size), size
        left = size
        while left:
            left -= len(await reader.readexactly(min(left, 1 << 16)))
        return b"", size

    async def _send_many(self, writer: asyncio.StreamWriter, size: int) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        piece = b"0123456789abcdef" * 4096
        while size:
            writer.write(piece[:size])
            size -= min(size, len(piece))
            await writer.drain()


@dataclass
class Answer:
    status: int
    head: bytes
    body: bytes


class Merchant:
    """A client on a bare socket: it sends what it is told and reads what comes."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self._rest = b""

    def __enter__(self) -> Merchant:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, raw: bytes) -> None:
        self.socket.sendall(raw)

    def request(self, method: str, path: str, body: bytes = b"", **ackord: str | int) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: provider", *[f"ackord-{k}: {v}" for k, v in ackord.items()]]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "", ""]).encode() + body)

    def answer(self, method: str = "GET") -> Answer:
        """Read one answer. Raises ``ConnectionError`` if the connection is reset or ends before it is complete."""
        head = self._until(b"\r\n\r\n")
        status = int(head.split(b" ")[1])
        lowered = head.lower()
        if method == "HEAD" or status in (204, 304) or status < 200:
            body = b""
        elif b"transfer-encoding: chunked" in lowered:
            body = self._until(b"0\r\n\r\n")
        elif b"content-length:" in lowered:
            body = self._exactly(int(lowered.split(b"content-length:")[1].split(b"\r\n")[0]))
        else:
            body = self.rest()
        return Answer(status, head, body)

    def ask(self, method: str, path: str, body: bytes = b"", **ackord: str | int) -> Answer:
        self.request(method, path, body, **ackord)
        return self.answer(method)

    def rest(self) -> bytes:
        """All that comes until the connection ends."""
        data, self._rest = self._rest, b""
        while piece := self.socket.recv(1 << 16):
            data += piece
        return data

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _more(self) -> None:
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise ConnectionAbortedError("the connection ended in the middle of an answer")
        self._rest += piece

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._more()
        end = self._rest.index(mark) + len(mark)
        data, self._rest = self._rest[:end], self._rest[end:]
        return data

    def _exactly(self, size: int) -> bytes:
        pieces = [self._rest[:size]]
        self._rest = self._rest[size:]
        size -= len(pieces[0])
        while size:
            piece = self.socket.recv(min(size, 1 << 16))
            if not piece:
                raise ConnectionAbortedError("the connection ended in the middle of an answer")
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)
