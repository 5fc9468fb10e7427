"""A provider behind TLS: certified with its authority given, and refused in words without."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme
import yaml

from ackord.contract.loading.loader import shipped
from ackord.core.event import Complete
from ackord.core.operation import Observation
from ackord.core.verdict import Result
from ackord.run.environments.managed import ReferenceEnvironment
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session


class TlsFront:
    """A TLS listener that passes the bytes inside on to a plain port."""

    def __init__(self, port: int, certificate: trustme.LeafCert, *, asks_for: trustme.CA | None = None) -> None:
        """``asks_for``: whose certificates clients must show."""
        self._target = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)
        if asks_for is not None:
            asks_for.configure_trust(self._context)
            self._context.verify_mode = ssl.CERT_REQUIRED
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


class Behind(NamedTuple):
    """A provider behind TLS."""

    address: str
    ca: Path
    """The authority's file."""
    strict_address: str
    """Where it asks for a client certificate."""
    clients: trustme.CA
    """Whose certificates it takes there."""


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder = tmp_path_factory.mktemp("tls")
    authority, clients = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    plan = make_plan(RunOptions("reference", profiles=["none"], seed=3, out=folder / "out"))
    with ReferenceEnvironment(plan) as environment:
        plain, certificate = int(environment.direct_url.rpartition(":")[2]), authority.issue_cert("localhost")
        with TlsFront(plain, certificate) as port, TlsFront(plain, certificate, asks_for=clients) as strict:
            yield Behind(f"https://localhost:{port}", folder / "ca.pem", f"https://localhost:{strict}", clients)


def run(address: str, out: Path, ca: str = "", contract: str = "reference") -> tuple[Result, list[str]]:
    plan = make_plan(RunOptions(contract, target=address, profiles=["none"], seed=3, out=out, ca=ca))
    with Session(plan) as session:
        result = session.run(plan.profiles[0])
    said = [getattr(e, "detail", "") for e in result.history.events]
    return result.verdict.result, [str(detail) for detail in said]


def showing(folder: Path, clients: trustme.CA, *accounts: str) -> str:
    """The reference contract, with a client certificate of ``accounts``: one for all, in files beside it."""
    certificate = clients.issue_cert("merchant.example")
    certificate.cert_chain_pems[0].write_to_path(folder / "client.pem")
    certificate.private_key_pem.write_to_path(folder / "client.key")
    data = yaml.safe_load((shipped("contracts") / "reference.yaml").read_text())
    for account in accounts:
        data["accounts"][account]["auth"]["mtls"] = {"certificate": "client.pem", "private_key": "client.key"}
    path = folder / "showing.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    return str(path)


def test_it_is_certified_with_its_authority(provider: Behind, tmp_path: Path) -> None:
    result, said = run(provider.address, tmp_path, str(provider.ca))
    assert result is Result.HELD
    assert (
        "ca.pem"
        in make_plan(RunOptions("reference", target=provider.address, profiles=["none"], ca=str(provider.ca))).command()
    )
    assert not any("authority" in detail for detail in said)


def test_without_it_nothing_is_sent_and_the_journal_says_why(provider: Behind, tmp_path: Path) -> None:
    result, said = run(provider.address, tmp_path)
    assert result is Result.INCONCLUSIVE
    assert any("authority" in detail for detail in said)


def test_one_that_asks_for_a_client_certificate_is_certified_with_it(provider: Behind, tmp_path: Path) -> None:
    contract = showing(tmp_path, provider.clients, "main", "other", "operator")
    result, _ = run(provider.strict_address, tmp_path, str(provider.ca), contract)
    assert result is Result.HELD, "the ledger is read with it too, or money were inconclusive"


def test_it_takes_no_order_from_who_shows_none(provider: Behind, tmp_path: Path) -> None:
    plan = make_plan(
        RunOptions(
            "reference", target=provider.strict_address, profiles=["none"], seed=3, out=tmp_path, ca=str(provider.ca)
        )
    )
    with Session(plan) as session:
        result = session.run(plan.profiles[0])
    completed = [event for event in result.history.events if isinstance(event, Complete)]
    assert result.verdict.result is Result.INCONCLUSIVE
    assert completed and not any(event.observation is Observation.ACK for event in completed)
    assert all(event.answer is None or event.answer["status"] == 502 for event in completed), "nothing was answered"
