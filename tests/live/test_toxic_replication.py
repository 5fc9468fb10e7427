"""A real standby behind either engine: cut off it stands still, keeps its connection, and catches up once mended; with
latency it lags.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import asyncpg
import pytest

from ackord.chaos.chaos_process import ChaosProcess
from ackord.chaos.links.kinds import LatencyToxic
from ackord.chaos.links.link_engine import LinkEngine
from ackord.chaos.toxiproxy.embedded_engine import EmbeddedEngine
from ackord.chaos.toxiproxy.toxiproxy_engine import ToxiproxyEngine
from ackord.core.clock import MS, RealClock
from ackord.host.run_dir import RunDir
from ackord.providers.postgres.cluster import PostgresCluster

from ..waiting import until_answered
from .toxiproxy_server import toxiproxy_server

LINK = "replication"
SENT = "select sent_lsn >= pg_current_wal_lsn() from pg_stat_replication"


@pytest.fixture(params=["embedded", "toxiproxy"])
def engine(request: pytest.FixtureRequest) -> Iterator[tuple[RunDir, LinkEngine]]:
    with RunDir.create() as run:
        if request.param == "embedded":
            chaos = ChaosProcess.start(run)
            yield run, EmbeddedEngine(chaos)
            chaos.stop()
        else:
            engine = ToxiproxyEngine.start(run, toxiproxy_server())
            yield run, engine
            engine.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_standby_behind_a_link(engine: tuple[RunDir, LinkEngine]) -> None:
    run, links = engine
    port = _free_port()
    _, link_port = links.open_link(LINK, "127.0.0.1", port)
    cluster = PostgresCluster(run, primary_port=port, link_port=link_port)

    async def play() -> None:
        await cluster.start()
        primary = await asyncpg.connect(**cluster.primary.arguments())
        standby = await asyncpg.connect(**cluster.standby.arguments())
        try:
            await primary.execute("create table seen (n int)")
            await _within(standby, "select to_regclass('seen') is not null")
            receiver = await standby.fetchval("select pid from pg_stat_wal_receiver")

            links.set_cut(LINK, True)
            # Nothing tells that nothing comes: of many writes that have left the primary, none is there.
            for _ in range(50):
                await primary.execute("insert into seen values (0)")
                await _within(primary, SENT)
                assert await standby.fetchval("select count(*) from seen") == 0
            await primary.execute("truncate seen")
            await primary.execute("insert into seen values (1)")
            links.set_cut(LINK, False)
            await _within(standby, "select count(*) = 1 from seen")
            assert await standby.fetchval("select pid from pg_stat_wal_receiver") == receiver, "the same connection"

            links.set_toxics(LINK, [LatencyToxic(latency_ms=300)])
            began_ns = RealClock.now_ns()
            await primary.execute("insert into seen values (2)")
            await _within(standby, "select count(*) = 2 from seen")
            assert RealClock.now_ns() - began_ns >= 300 * MS
            links.set_toxics(LINK, [])
            await primary.execute("insert into seen values (3)")
            await _within(standby, "select count(*) = 3 from seen")
        finally:
            await primary.close()
            await standby.close()

    try:
        asyncio.run(play())
    finally:
        cluster.stop()


async def _within(connection: asyncpg.Connection, question: str) -> None:
    await until_answered(lambda: connection.fetchval(question), question)
