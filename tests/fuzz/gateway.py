"""Fuzzing target: mutated HTTP to the gateway's framing core, and from both sides to a gateway on real sockets, under
changing faults.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import sys
import threading
from collections.abc import Sequence
from typing import Any

from ackord.chaos.chaos_process import ChaosProcess
from ackord.chaos.faults.edge import edge_faults
from ackord.chaos.gateway.http1.framing import ProtocolError, request_message_reader
from ackord.errors import AckordError
from ackord.host.run_dir import RunDir

from ..unit.chaos.gateway.playbook import (
    ALL,
    answers,
    as_a_careless_server_reads,
    as_h11_reads,
    as_httptools_reads,
    forwarded,
    meanings,
    requests,
)
from .fuzz import Finding, main, resident_bytes
from .mutate import in_pieces, mutated

PATIENCE_S = 30.0
HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

REQUESTS = [
    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    b"HEAD /h HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
    b"POST /p HTTP/1.1\r\nHost: x\r\nackord-op: 1\r\nackord-key: submit/1/1\r\nContent-Length: 5\r\n\r\nhello",
    b"PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nX-T: 1\r\n\r\n",
    b"POST /l HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n" + b"l" * 4000,
    b"POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
    b"GET http://y:80/abs?q HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: upgrade, x-a\r\nX-A: 1\r\n\r\n",
    b"GET /old HTTP/1.0\r\n\r\n",
    b"GET /q HTTP/1.1\r\nHost: x\r\nackord-key: query/1/1\r\nackord-token: t1\r\n\r\n",
    b"GET /q HTTP/1.1\r\nHost: x\r\nackord-key: query/1/2\r\nackord-hold: ack:t1\r\nConnection: close\r\n\r\n",
]
ANSWERS = [
    OK,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n\r\nto the end",
    b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Encoding: "
    b"gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08",
]
TOKENS = [
    *(
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\r",
        b"\x00",
        b"\t",
        b" ",
        b":",
        b";",
        b",",
        b"\x0b",
        b"\x7f",
        b"\xa0",
        b"0",
        b"0x",
        b"+",
        b"-",
    ),
    *(
        b"Content-Length: 3\r\n",
        b"Content-Length: 0\r\n",
        b"Content-Length : 5\r\n",
        b"content-length:99999999999999999999\r\n",
    ),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
    ),
    *(
        b"transfer-encoding : chunked\r\n",
        b"Connection: transfer-encoding\r\n",
        b"Connection: close\r\n",
        b"Host: z\r\n",
        b" fold\r\n",
    ),
    *(
        b"ackord-inject: lost-answer\r\n",
        b"ackord-hold: barrier:g:2\r\n",
        b"ackord-key: submit/2/1\r\n",
        b"ackord-node: B\r\n",
    ),
    *(
        b"ffffffffffffffff\r\n",
        b"0\r\n\r\n",
        b"3\r\nabc\r\n",
        b"HTTP/1.0",
        b"HTTP/2.0",
        b"#",
        b"http://",
        b"*",
        b"A: " + b"a" * 5000,
    ),
    *(
        b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"X:" + b"\r\nX:" * 500,
    ),
]


_REMEMBERED = 400
"""Requests of merchants that may still be on their way."""


class Core:
    """The framing without sockets: one reading, whatever the split, here and behind."""

    def try_request(self, rng: random.Random) -> None:
        raw = mutated(rng, b"".join(rng.choices(REQUESTS, k=rng.randint(1, 3))), TOKENS)
        try:
            seen = requests(raw, keep=ALL)
            if requests(*in_pieces(rng, raw), keep=ALL) != seen:
                raise Finding("requests in pieces are read differently", raw)
            self._one_reading(forwarded(seen), meanings(seen))
        except Finding as finding:
            raise Finding(str(finding), raw) from None
        except Exception as error:
            raise Finding(f"the framing of a request raised {type(error).__name__}: {error}", raw) from error

    def _one_reading(self, sent: bytes, recorded: list[Any]) -> None:
        if meanings(requests(sent, keep=ALL)) != recorded:
            raise Finding("what is forwarded would not be forwarded again")
        for read in (as_httptools_reads, as_h11_reads):
            theirs = read(sent)
            if theirs != recorded[: len(theirs)]:
                raise Finding(f"another reading behind the gateway: {read.__name__}")
        for last in (False, True):
            for chunks_first in (False, True):
                if as_a_careless_server_reads(sent, last=last, chunks_first=chunks_first) != recorded:
                    raise Finding("another reading by a careless server")

    def try_answer(self, rng: random.Random) -> None:
        raw = mutated(rng, b"".join(rng.choices(ANSWERS, k=rng.randint(1, 2))), TOKENS)
        method = rng.choice(("GET", "HEAD", "POST"))
        try:
            seen = answers(raw, method=method, end=True, keep=ALL)
            again = answers(*in_pieces(rng, raw), method=method, end=True, keep=ALL)
        except Exception as error:
            raise Finding(f"the framing of an answer raised {type(error).__name__}: {error}", raw) from error
        if again != seen:
            raise Finding("an answer in pieces is read differently", raw)


class Provider(threading.Thread):
    """A provider that answers anything, often wrongly, and looks closely at what it gets."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(daemon=True)
        self._rng = rng
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self.port = 0
        self.bad = b""
        """Bytes that are no request, or a request that nobody sent."""
        self.sent: tuple[bytes, ...] = ()
        """What merchants sent lately, as they sent it."""
        self.start()
        self._ready.wait()

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.join()

    async def _serve(self, incoming: asyncio.StreamReader, outgoing: asyncio.StreamWriter) -> None:
        reader = request_message_reader(0)
        with contextlib.closing(outgoing), contextlib.suppress(ConnectionError):
            while data := await incoming.read(1 << 16):
                try:
                    reader.feed(data)
                    while reader.complete and reader.head is not None:
                        if not await self._answer(reader.head, outgoing):
                            return
                        reader.next_message()
                        reader.feed(b"")
                except ProtocolError:
                    self.bad = self.bad or data

    def _was_sent(self, head: bytes) -> bool:
        """Whether one merchant sent all of this: mutation makes plain requests, too, and they are to arrive.

        The request line is left out of it, because the gateway writes that anew.
        """
        lines = head.rstrip(b"\r\n").split(b"\r\n")[1:]
        return any(b"smuggled" in raw and all(line in raw for line in lines) for raw in self.sent)

    async def _answer(self, head: Any, outgoing: asyncio.StreamWriter) -> bool:
        if head.ackord_headers or ("smuggled" in head.target and not self._was_sent(head.forward)):
            self.bad = self.bad or head.forward
        good = head.target == "/health" or self._rng.random() < 0.5
        answer = OK if good else mutated(self._rng, self._rng.choice(ANSWERS), TOKENS, 2)
        for piece in [answer] if good else in_pieces(self._rng, answer):
            outgoing.write(piece)
            await outgoing.drain()
        return good and head.keep_alive


class Live:
    """A gateway on real sockets between mutated merchants and a provider that cannot be trusted."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._provider = Provider(random.Random(rng.random()))
        self._run = RunDir.create()
        self._chaos = ChaosProcess.start(self._run, lambda event: None)
        self._port = self._chaos.open_edge(
            "e",
            {"A": ("127.0.0.1", self._provider.port)},
            max_held_bytes=2000,
            hold_timeout_ms=50,
            finish_timeout_ms=500,
            idle_timeout_ms=4000,
        ).port
        self._rounds = 0
        self.pid = self._chaos.child.pid

    def step(self) -> int:
        self._rounds += 1
        if self._rounds % 20 == 0:
            self._check()
        if self._rounds % 5 == 0:
            faults = self._rng.sample(sorted(edge_faults()), 2)
            with contextlib.suppress(AckordError):  # some have no defaults for all that they need
                self._chaos.set_rules("e", self._rng.randrange(99), [{"fault": f, "share": 0.3} for f in faults])
        raws = [
            mutated(self._rng, b"".join(self._rng.choices(REQUESTS, k=self._rng.randint(1, 4))), TOKENS)
            for _ in range(8)
        ]
        self._provider.sent = (self._provider.sent + tuple(raws))[-_REMEMBERED:]
        self._send(raws)
        return len(raws)

    def _send(self, raws: Sequence[bytes]) -> None:
        with contextlib.ExitStack() as open_ones:
            merchants = [
                open_ones.enter_context(socket.create_connection(("127.0.0.1", self._port), PATIENCE_S)) for _ in raws
            ]
            for merchant, raw in zip(merchants, raws, strict=True):
                with contextlib.suppress(ConnectionError):
                    for piece in in_pieces(self._rng, raw):
                        merchant.sendall(piece)
            for merchant, raw in zip(merchants, raws, strict=True):
                with contextlib.suppress(ConnectionError, TimeoutError):
                    merchant.settimeout(0.02)
                    merchant.recv(1 << 16)
                try:
                    merchant.settimeout(PATIENCE_S)
                    merchant.shutdown(socket.SHUT_WR)
                    while merchant.recv(1 << 16):
                        pass
                except TimeoutError:
                    raise Finding("a connection was neither answered nor closed after its end", raw) from None
                except OSError:
                    pass

    def _check(self) -> None:
        """Whether all is well: a plain request is answered, nothing stays in flight, and the provider got nothing but
        requests.
        """
        try:
            self._chaos.clear_rules("e")
            if not self._chaos.drain("e"):
                raise Finding("an exchange never ended")
        except AckordError as error:
            raise Finding(str(error)) from None
        if self._provider.bad:
            raise Finding("the provider got what is no request of ours", self._provider.bad)
        # A connection that the provider is just closing may be used once more (and a request is never sent twice), so a
        # few may fail.
        if not any(self._answered() for _ in range(20)):
            raise Finding("a plain request is not answered any more")

    def _answered(self) -> bool:
        answer = b""
        with socket.create_connection(("127.0.0.1", self._port), PATIENCE_S) as merchant:
            merchant.sendall(HEALTH)
            try:
                while piece := merchant.recv(1 << 16):
                    answer += piece
            except ConnectionError:
                return False
            except TimeoutError:
                raise Finding("a plain request is neither answered nor refused") from None
        return answer.startswith(b"HTTP/1.1 200")

    def stop(self) -> None:
        try:
            self._chaos.stop()
            self._provider.end()
            log = (self._run.path / "chaos.log").read_text()
        finally:
            self._run.remove()
        if log:
            raise Finding(f"something was raised where nobody looks: {log[-2000:]}")


class Gateway:
    def start(self, rng: random.Random) -> None:
        self._rng = rng
        self._core, self._live = Core(), Live(rng)

    def step(self) -> int:
        for _ in range(10):
            self._core.try_request(self._rng)
            self._core.try_answer(self._rng)
        return 20 + self._live.step()

    def memory_bytes(self) -> int:
        return resident_bytes(self._live.pid)

    def stop(self) -> None:
        self._live.stop()


if __name__ == "__main__":
    sys.exit(main(["--target", "gateway", *sys.argv[1:]]))
