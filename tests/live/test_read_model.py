"""A real read model behind either engine: fed from the orders alone, late by its link's delay and by nothing else, and
gone without a trace.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from ackord.chaos.chaos_process import ChaosProcess
from ackord.chaos.links.kinds import LatencyToxic
from ackord.chaos.links.link_engine import LinkEngine
from ackord.chaos.toxiproxy.embedded_engine import EmbeddedEngine
from ackord.chaos.toxiproxy.toxiproxy_engine import ToxiproxyEngine
from ackord.core.clock import MS, RealClock
from ackord.errors import UsageError
from ackord.host.run_dir import RunDir
from ackord.providers.postgres.cluster import PostgresCluster
from ackord.providers.postgres.database_servers import ExternalServers, OwnServers
from ackord.providers.postgres.read_model import READ_MODEL, ReadModel
from ackord.providers.service.tables import schema

from ..waiting import until_answered
from .test_reference import free_port
from .toxiproxy_server import toxiproxy_server

FEED = "read-model"
LAG_MS = 150
CLOCK = RealClock()
TABLES = schema(unique_orders=True)
ORDER = (
    "INSERT INTO orders (provider_id, account, order_no, amount, currency, payee, status, node) VALUES "
    "($1, 'a', $1, 1, 'EUR', 'p', 'ACCEPTED', 'A')"
)
SHOWN = "SELECT EXISTS (SELECT 1 FROM orders WHERE provider_id = $1)"
LEFT = f"""
SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_subscription) + (SELECT count(*) FROM pg_publication)
     + (SELECT count(*) FROM pg_database WHERE datname = '{READ_MODEL}')
"""


class Stage:
    """A primary, its standby, and a link for the feed of a read model."""

    def __init__(self, cluster: PostgresCluster, links: LinkEngine, port: int) -> None:
        self.links = links
        self.ends = {"primary": cluster.primary.arguments(), "standby": cluster.standby.arguments()}
        self.ends["copy"] = {**self.ends["primary"], "database": READ_MODEL}
        self.servers = OwnServers(lambda _port, _logical: cluster, logical=True, read_model_port=port)
        self.servers.primary = self.ends["primary"]
        self.events: list[dict[str, Any]] = []

    def calm(self) -> None:
        self.links.set_toxics(FEED, [])
        self.links.set_cut(FEED, False)

    @contextlib.asynccontextmanager
    async def fed(self) -> AsyncIterator[ReadModel]:
        """Empty tables, and a read model of them."""
        async with self.connected("primary") as primary:
            await primary.execute(f"DROP SCHEMA public CASCADE; CREATE SCHEMA public; {TABLES}")
        self.events.clear()
        read_model = ReadModel(CLOCK, self.events.append)
        await read_model.found(self.servers, TABLES)
        try:
            yield read_model
        finally:
            self.calm()
            await read_model.end()

    @contextlib.asynccontextmanager
    async def connected(self, end: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        connection = await asyncpg.connect(**self.ends[end])
        try:
            yield connection
        finally:
            await connection.close()

    async def within(self, end: str, sql: str, *arguments: object) -> None:
        """Wait until a server says that it is so."""
        async with self.connected(end) as connection:
            await until_answered(lambda: connection.fetchval(sql, *arguments), sql)


@pytest.fixture(scope="module", params=["embedded", "toxiproxy"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with RunDir.create() as run, contextlib.ExitStack() as ending:
        links: LinkEngine
        if request.param == "embedded":
            chaos = ChaosProcess.start(run)
            ending.callback(chaos.stop)
            links = EmbeddedEngine(chaos)
        else:
            links = ToxiproxyEngine.start(run, toxiproxy_server())
            ending.callback(links.stop)
        primary_port = free_port()
        _, port = links.open_link(FEED, "127.0.0.1", primary_port)
        cluster = PostgresCluster(run, primary_port=primary_port, link_port=primary_port, logical=True)
        ending.callback(cluster.stop)
        asyncio.run(cluster.start())
        yield Stage(cluster, links, port)


def test_its_lag_is_its_link_s_delay_and_an_order_is_on_the_primary_at_once(stage: Stage) -> None:
    async def play() -> None:
        async with stage.fed(), stage.connected("primary") as primary:
            stage.links.set_toxics(FEED, [LatencyToxic(latency_ms=LAG_MS)])
            began_ns = CLOCK.now_ns()
            await primary.execute(ORDER, "late")
            assert await primary.fetchval(SHOWN, "late")
            await stage.within("copy", SHOWN, "late")
            assert CLOCK.now_ns() - began_ns >= LAG_MS * MS

    asyncio.run(play())


def test_cut_off_it_stands_still_while_the_standby_goes_on_and_catches_up_once_mended(stage: Stage) -> None:
    async def play() -> None:
        async with stage.fed(), stage.connected("primary") as primary, stage.connected("copy") as copy:
            stage.links.set_cut(FEED, True)
            await primary.execute(ORDER, "cut-off")
            await stage.within("standby", SHOWN, "cut-off")
            assert not await copy.fetchval(SHOWN, "cut-off")
            stage.links.set_cut(FEED, False)
            await stage.within("copy", SHOWN, "cut-off")
            # What changes arrives too, not only what is new.
            await primary.execute("UPDATE orders SET status = 'PAID'")
            await stage.within("copy", "SELECT status = 'PAID' FROM orders")

    asyncio.run(play())


def test_it_is_sampled_by_the_slot_s_position_and_a_probe(stage: Stage) -> None:
    def probes() -> list[int]:
        return [event["probe_lag_ns"] for event in stage.events if "probe_lag_ns" in event]

    async def play() -> None:
        async with stage.fed() as read_model:
            stage.links.set_toxics(FEED, [LatencyToxic(latency_ms=LAG_MS)])
            await read_model.sample(10)

            async def probed() -> bool:
                return len(probes()) >= 3

            await until_answered(probed, "three probes")
            await read_model.sample(0)

    asyncio.run(play())
    assert {(event["event"], event["replica"]) for event in stage.events} == {("replication", "read-model")}
    assert min(probes()) >= LAG_MS * MS
    assert max(event["primary_lsn"] - event["standby_lsn"] for event in stage.events) > 0


@pytest.mark.parametrize("cut", [False, True])
def test_it_leaves_nothing_behind_even_under_a_cut_link(stage: Stage, cut: bool) -> None:
    async def play() -> None:
        async with stage.connected("primary") as primary:
            async with stage.fed() as read_model:
                assert await primary.fetchval(LEFT) == 4
                stage.links.set_cut(FEED, cut)
                await primary.execute(ORDER, "unheard")
                await read_model.end()
                assert await primary.fetchval(LEFT) == 0
            assert await primary.fetchval(LEFT) == 0  # ended twice, it is ended

    asyncio.run(play())


def test_servers_that_were_not_started_here_are_refused(stage: Stage) -> None:
    given = {key: value for key, value in stage.ends["primary"].items() if key != "ssl"}
    read_model = ReadModel(CLOCK, stage.events.append)
    with pytest.raises(UsageError, match="servers that are started here"):
        asyncio.run(read_model.found(ExternalServers(given, given), TABLES))
