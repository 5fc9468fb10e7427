"""A provider behind TLS: certified with its authority given, and refused in words without."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from ackord.core.verdict import Result
from ackord.run.managed import ReferenceEnvironment
from ackord.run.session import Session
from ackord.run.wish import make_plan


class TlsFront:
    """A TLS listener that passes the bytes inside on to a plain port."""

    def __init__(self, port: int, certificate: trustme.LeafCert) -> None:
        self._target = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        return int(self._server.sockets[0].getsockname()[1])

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)

    async def _close(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside_reader, inside_writer = await asyncio.open_connection("127.0.0.1", self._target)

        async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            try:
                while data := await source.read(65_536):
                    target.write(data)
                    await target.drain()
            except OSError:
                pass
            finally:
                target.close()

        await asyncio.gather(pass_on(reader, inside_writer), pass_on(inside_reader, writer))


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address, and the authority's file."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    plan = make_plan("reference", profiles=["none"], seed=3, out=folder / "out")
    with (
        ReferenceEnvironment(plan) as environment,
        TlsFront(int(environment.direct_url.rpartition(":")[2]), authority.issue_cert("localhost")) as port,
    ):
        yield f"https://localhost:{port}", folder / "ca.pem"


def run(address: str, out: Path, ca: str = "") -> tuple[Result, list[str]]:
    plan = make_plan("reference", target=address, profiles=["none"], seed=3, out=out, ca=ca)
    with Session(plan) as session:
        result = session.run(plan.profiles[0])
    said = [getattr(e, "detail", "") for e in result.history.events]
    return result.verdict.result, [str(detail) for detail in said]


def test_it_is_certified_with_its_authority(provider: tuple[str, Path], tmp_path: Path) -> None:
    address, ca = provider
    result, said = run(address, tmp_path, str(ca))
    assert result is Result.HELD
    assert "ca.pem" in make_plan("reference", target=address, profiles=["none"], ca=str(ca)).command()
    assert not any("authority" in detail for detail in said)


def test_without_it_nothing_is_sent_and_the_journal_says_why(provider: tuple[str, Path], tmp_path: Path) -> None:
    address, _ = provider
    result, said = run(address, tmp_path)
    assert result is Result.INCONCLUSIVE
    assert any("authority" in detail for detail in said)
