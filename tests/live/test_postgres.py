"""A primary and a standby, started, followed, stopped; and what is said when that does not work."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from ackord.errors import EnvironmentFailed
from ackord.host.process_identity import identify
from ackord.host.run_dir import RunDir
from ackord.providers.postgres import binaries
from ackord.providers.postgres.binaries import find_binaries, installed_binaries, unprivileged_owner
from ackord.providers.postgres.cluster import PostgresCluster
from ackord.providers.postgres.crash import children_of
from ackord.providers.postgres.initdb_template import TEMPLATES_VARIABLE

from ..waiting import until, until_answered


@pytest.fixture
def run() -> Iterator[RunDir]:
    with RunDir.create() as run:
        yield run


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def alone(run: RunDir, bin_dir: Path | str | None = None) -> PostgresCluster:
    """A cluster without a link."""
    port = free_port()
    return PostgresCluster(run, primary_port=port, link_port=port, bin_dir=bin_dir)


async def follows(cluster: PostgresCluster) -> str:
    """Write at the primary, read it at the standby; return the server's version."""
    primary = await asyncpg.connect(**cluster.primary.arguments())
    standby = await asyncpg.connect(**cluster.standby.arguments())
    try:
        assert await standby.fetchval("SELECT pg_is_in_recovery()")
        await primary.execute("CREATE TABLE t (x int); INSERT INTO t VALUES (42)")
        await until_answered(lambda: standby.fetchval("SELECT to_regclass('t') IS NOT NULL"), "the table is there")
        await until_answered(lambda: standby.fetchval("SELECT max(x) = 42 FROM t"), "the row is there")
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await standby.execute("INSERT INTO t VALUES (1)")
        return str(await primary.fetchval("SHOW server_version"))
    finally:
        await primary.close()
        await standby.close()


@pytest.mark.parametrize("made", ["by initdb", "from a template"])
def test_the_standby_follows_and_nothing_is_left(run: RunDir, made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if made == "by initdb":
        monkeypatch.delenv(TEMPLATES_VARIABLE)

    async def story() -> None:
        cluster = alone(run)
        await cluster.start()
        servers = [s for s in (identify(int(r.stem)) for r in (run.path / "processes").iterdir()) if s is not None]
        assert len(servers) == 2
        assert (await follows(cluster)).startswith(cluster.version)
        cluster.stop()
        assert [s for s in servers if identify(s.pid) == s] == []
        cluster.stop()  # a second time does no harm

    asyncio.run(story())
    if made == "from a template":
        asyncio.run(story())  # the first may have made it
    assert not list(Path("/dev/shm").glob(f"*{run.path.name}*"))


@pytest.mark.skipif(not Path("/proc/sysvipc/shm").exists(), reason="only Linux shows System V segments there")
def test_a_killed_primary_is_dead_with_all_its_children_and_its_segment(run: RunDir) -> None:
    def segments() -> set[int]:
        return {int(line.split()[1]) for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}

    async def story() -> None:
        cluster = alone(run)
        await cluster.start()
        data = cluster._primary.data
        pid, *_, segment, _ = (data / "postmaster.pid").read_text().split("\n")[:8]
        number = int(segment.split()[1])
        assert number in segments()
        connection = await asyncpg.connect(**cluster.primary.arguments())
        children = children_of(int(pid))
        assert len(children) > 3
        position = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"
        before = await connection.fetchval(position)
        spare = await connection.fetchval("SELECT pg_backend_pid()")
        assert cluster.silence_primary(spare) == len(children) - 1
        assert await connection.fetchval(position) >= before
        cluster.kill_primary()
        assert identify(int(pid)) is None
        # Nothing can hold them back, but it takes them a moment.
        until(lambda: all(identify(child) is None for child in children), "the server's processes end")
        assert number not in segments()
        with pytest.raises(ConnectionRefusedError):
            await asyncpg.connect(**cluster.primary.arguments())
        connection.terminate()
        cluster.stop()

    asyncio.run(story())
    assert not list(Path("/dev/shm").glob(f"*{run.path.name}*"))


def test_the_servers_die_with_a_run_that_nobody_stopped(run: RunDir) -> None:
    cluster = alone(run)
    asyncio.run(cluster.start())
    servers = [identify(int(record.stem)) for record in (run.path / "processes").iterdir()]
    run.remove()
    assert [s for s in servers if s is not None and identify(s.pid) == s] == []
    assert not run.path.exists()
    cluster.stop()


def test_a_start_that_is_given_up_leaves_nothing(run: RunDir) -> None:
    async def story() -> None:
        cluster = alone(run)
        starting = asyncio.create_task(cluster.start())
        records = run.path / "processes"

        async def recorded() -> bool:
            return any(records.iterdir())

        await until_answered(recorded, "a program is recorded")
        programs = [identify(int(record.stem)) for record in records.iterdir()]
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert [p for p in programs if p is not None and identify(p.pid) == p] == []

    asyncio.run(story())
    assert not list(Path("/dev/shm").glob(f"*{run.path.name}*"))


def test_a_port_that_is_taken_is_named(run: RunDir) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        cluster = PostgresCluster(run, primary_port=port, link_port=port)
        with pytest.raises(EnvironmentFailed, match=f"port {port} of 127.0.0.1: another process took it"):
            asyncio.run(cluster.start())


def test_a_server_that_does_not_start_says_its_last_words(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ackord.providers.postgres.cluster.SETTINGS", "shared_buffers = 'a lot'\n")
    cluster = alone(run)
    with pytest.raises(EnvironmentFailed, match="shared_buffers"):
        asyncio.run(cluster.start())


@pytest.mark.skipif(not installed_binaries(), reason="no PostgreSQL is installed under /usr/lib/postgresql")
def test_an_installed_postgresql_serves_as_well(run: RunDir) -> None:
    async def story() -> None:
        cluster = alone(run, "installed")
        await cluster.start()
        try:
            assert (await follows(cluster)).startswith(cluster.version)
        finally:
            cluster.stop()

    asyncio.run(story())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the servers as somebody else")
def test_binaries_that_the_other_user_cannot_reach_are_copied(
    run: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = find_binaries()
    package = real.parent.parent
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copytree(real.parent, home / package.name / real.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        (home / libraries.name).symlink_to(libraries)
    bin_dir = home / package.name / real.parent.name / "bin"
    owner = unprivileged_owner()
    assert owner is not None
    assert binaries._version(owner, bin_dir) is None

    async def story() -> None:
        cluster = alone(run, bin_dir)
        await cluster.start()
        try:
            assert (await follows(cluster)).startswith(cluster.version)
        finally:
            cluster.stop()

    asyncio.run(story())
