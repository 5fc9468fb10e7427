"""Providers that misbehave on the wire: every answer is an observation, bounded in time and memory, and nothing is lost
from the journal.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ackord.core.event import Begin, Complete, LedgerRead
from ackord.core.operation import Observation, Vantage
from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.record.journal import read_journal
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

PROFILE = """
name: tiny
incident: A provider that cannot be read.
phases: {disturb: {orders: 3, concurrency: 3}}
workload: {resubmit: 1}
exposes: [acknowledged-order-visible]
machine: false
"""


async def html(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    page = b"<html><body>Service temporarily unavailable</body></html>"
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n%s" % (len(page), page))


async def fifty_megabytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 50000000\r\n\r\n")
    for _ in range(500):
        writer.write(b"x" * 100_000)
        await writer.drain()


async def never_ending(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def cut_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"status":')
    await writer.drain()
    writer.transport.abort()


async def not_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP ready\r\n\r\n")
    await writer.drain()
    writer.close()


async def wrong_types(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    body = b'{"status": ["ACCEPTED"], "provider_id": {"a": 1}, "amount": "a lot"}'
    writer.write(
        b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    )


@contextmanager
def provider(behaviour: Behaviour) -> Iterator[str]:
    """A server on loopback that reads a request and then behaves."""
    loop = asyncio.new_event_loop()
    ports: list[int] = []
    ready = threading.Event()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (int(x.split(b":")[1]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")), 0
                )
                await reader.readexactly(length)
                await behaviour(reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        server.close()

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
    thread.start()
    ready.wait()
    try:
        yield f"http://127.0.0.1:{ports[0]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def certify(url: str, tmp_path: Path, *, timeout: str = "400ms") -> tuple[ProfileResult, int]:
    """Run the tiny profile; return the result and the chaos process's peak memory in bytes."""
    profile = tmp_path / "tiny.yaml"
    profile.write_text(PROFILE)
    text = (Path(__file__).parents[2] / "contracts" / "reference.yaml").read_text()
    contract = tmp_path / "quick.yaml"
    contract.write_text(
        text.replace("timeout: 2s", f"timeout: {timeout}").replace("settles_within: 10s", "settles_within: 200ms")
    )
    plan = make_plan(RunOptions(str(contract), target=url, profiles=[str(profile)], seed=1, out=tmp_path / "out"))
    with Session(plan) as session:
        result = session.run(plan.profiles[0])
        status = Path(f"/proc/{session.environment.chaos.child.pid}/status").read_text()
    peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return result, peak


UNREADABLE = [html, fifty_megabytes, wrong_types]
UNANSWERED = [never_ending, silence, hang_up, cut_body, not_http]


@pytest.mark.parametrize("behaviour", [*UNREADABLE, *UNANSWERED], ids=lambda b: b.__name__)
def test_every_operation_has_an_end_and_none_is_a_pass(behaviour: Behaviour, tmp_path: Path) -> None:
    with provider(behaviour) as url:
        result, peak_bytes = certify(url, tmp_path)
    assert result.verdict.result is Result.INCONCLUSIVE
    assert peak_bytes < 150_000_000
    events = read_journal(result.journal).events
    begun = {e.op for e in events if type(e) is Begin and e.vantage is Vantage.MERCHANT}
    ended = [e for e in events if type(e) is Complete and e.vantage is Vantage.MERCHANT]
    if not result.cut_short:
        assert begun == {e.op for e in ended}, "an operation was lost from the journal"
    seen = {e.observation for e in ended}
    assert seen == ({Observation.UNREADABLE} if behaviour in UNREADABLE else {None})
    assert all(e.detail for e in ended), "an unreadable answer says why"
    assert all(len(e.answer["body"]) <= 16_384 for e in ended if e.answer)
    if result.cut_short:  # a run that nobody answers need not be played to its end
        assert behaviour in UNANSWERED
        return
    (read,) = [e for e in events if type(e) is LedgerRead]
    assert read.problem, "a ledger that cannot be read says why"
