"""Run PostgreSQL's primary and standby and the Toxiproxy between them, each in a container.

Inside the run's network they are ``primary:5432``, ``standby:5432`` and ``link:5433``. The link leads to the primary,
and the standby streams through it. Each server, and the Toxiproxy's API, has a port of 127.0.0.1 on this machine. The
data lies in the containers' memory and goes with them.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
from importlib.resources import files
from typing import Any

import asyncpg

from ...core.clock import MS, SECOND, Clock
from ...errors import EnvironmentFailed, UsageError
from ..postgres.database_servers import GivenServers
from ..postgres.failover import fail_over
from ..postgres.server_settings import SETTINGS  # the same servers, wherever they run
from .docker_engine import DockerEngine

__all__ = ["LINK_PROXY", "DatabaseContainers"]

LINK_PROXY = "replication"
"""The name of the proxy that the standby streams through."""

_POSTGRES_PORT = 5432
_LINK_PORT = 5433
_API_PORT = 8474
_LOOKS_AGAIN_S = 0.05
_DEAD_AFTER_S = 2.0
_WRITTEN = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"


class DatabaseContainers:
    """The container backend of database servers, see ``DatabaseBackend``. ``start`` it once."""

    def __init__(self, engine: DockerEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._password = os.urandom(16).hex()
        self._containers: dict[str, str] = {}
        self.ports: dict[str, int] = {}
        """Of 127.0.0.1: ``primary``, ``standby`` and ``link``, the Toxiproxy's API."""
        self.leading = "primary"
        """The one that takes writes: after a failover the ``standby``."""
        self.logical = False
        self.read_model_port = 0
        self.version = ""
        self.toxiproxy_version = ""

    @property
    def primary(self) -> dict[str, Any]:
        return self.outside(self.leading)

    @property
    def standby(self) -> dict[str, Any]:
        return self.outside("standby")

    def death(self) -> str:
        return ""  # a container that ends is seen by the next request to it

    def check(self, *, read_model: bool) -> None:
        if read_model:
            raise UsageError(
                "the database servers in containers have no read model. Mend: choose the target reference, or a flaw "
                "and profiles without a read model"
            )

    def outside(self, role: str) -> dict[str, Any]:
        """Return all keyword arguments of ``asyncpg.connect`` from this machine."""
        return {**self.inside(role), "host": "127.0.0.1", "port": self.ports[role], "ssl": False}

    def inside(self, role: str) -> dict[str, Any]:
        """Return the same from another container of the run, as ``start`` of the reference provider takes it."""
        return {
            "host": role,
            "port": _POSTGRES_PORT,
            "user": "postgres",
            "database": "postgres",
            "password": self._password,
        }

    async def start(self) -> None:
        """Return when the standby streams through the link.

        Raises ``EnvironmentFailed`` with the last output of the container that failed.
        """
        await asyncio.gather(self._start_link(), self._start_server("primary"), self._start_server("standby"))
        await self._serving()

    async def renew(self, *, logical: bool, given: GivenServers | None) -> None:
        """Replace both servers by empty ones behind the same link, on the same ports."""
        self.check(read_model=logical)
        if given is not None:
            raise UsageError("the servers are containers of this run: reset_as takes no primary and standby")
        for role in ("standby", "primary"):
            await asyncio.to_thread(self._engine.remove, self._containers.pop(role))
        self.leading = "primary"
        await self._set_link(enabled=True)
        await asyncio.gather(self._start_server("primary"), self._start_server("standby"))
        await self._serving()

    async def fail_over(self, clock: Clock) -> dict[str, Any]:
        """Kill the primary's container as ``kill -9`` does and promote the standby; see ``failover.fail_over``.

        The link goes down with the primary, so what is in transit in it is lost; ``renew`` opens it again.
        """
        dying = await asyncpg.connect(**self.outside("primary"))
        # Asked before the kill as well: on a busy machine no answer may come between the request to kill and the death.
        written_lsn, killed_at_ns = await dying.fetchval(_WRITTEN), clock.now_ns()
        killing = asyncio.create_task(asyncio.to_thread(self._engine.kill, self._containers["primary"]))
        try:
            written_lsn, killed_at_ns = await self._last_written(dying, written_lsn, killed_at_ns, clock)
            await self._set_link(enabled=False)
            # The engine needs a while to clear up after the dead; a standby that is promoted then would have got
            # everything.
            said = await fail_over(self.outside("primary"), self.outside("standby"), clock, None)
            promote_ms = round((clock.now_ns() - killed_at_ns) / MS, 1)
        finally:
            dying.terminate()
            await killing
        self.leading = "standby"
        return {
            **said,
            "containers_killed": 1,
            "killed_at_ns": killed_at_ns,
            "promote_ms": promote_ms,
            "primary_lsn": written_lsn,
            "lost_wal_bytes": max(0, written_lsn - said["promoted_lsn"]),
        }

    async def _last_written(
        self, dying: asyncpg.Connection[asyncpg.Record], written_lsn: int, told_at_ns: int, clock: Clock
    ) -> tuple[int, int]:
        """Ask until no answer comes any more; return the last position that was told, and when.

        What the primary wrote after it is not counted.
        """
        while True:
            try:
                written_lsn = await dying.fetchval(_WRITTEN, timeout=_DEAD_AFTER_S)
                told_at_ns = clock.now_ns()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
                return written_lsn, told_at_ns

    async def _start_link(self) -> None:
        engine = self._engine

        def launch() -> None:
            container = self._containers["link"] = engine.make(
                "link", engine.settings.toxiproxy_image, ports={_API_PORT: 0}, command=["-host=0.0.0.0"]
            )
            engine.start(container)
            self.ports["link"] = engine.port(container, _API_PORT)

        await asyncio.to_thread(launch)
        self.toxiproxy_version = (await self._until("link", self._toxiproxy_answers))["version"]
        proxy = {"name": LINK_PROXY, "listen": f"0.0.0.0:{_LINK_PORT}", "upstream": f"primary:{_POSTGRES_PORT}"}
        await asyncio.to_thread(self._api, "POST", "/proxies", {**proxy, "enabled": True})

    async def _set_link(self, *, enabled: bool) -> None:
        await asyncio.to_thread(self._api, "POST", f"/proxies/{LINK_PROXY}", {"enabled": enabled})

    async def _start_server(self, role: str) -> None:
        engine = self._engine

        def launch() -> None:
            script = files(__package__).joinpath("server.sh").read_text()
            container = self._containers[role] = engine.make(
                role,
                engine.settings.postgres_image,
                ports={_POSTGRES_PORT: self.ports.get(role, 0)},
                entrypoint=["/bin/sh", "-c", script, "server"],
                command=[role],
                environment={"ACKORD_PASSWORD": self._password, "ACKORD_SETTINGS": SETTINGS},
                user="postgres",
                memory_folder="/cluster",
            )
            engine.start(container)
            self.ports[role] = engine.port(container, _POSTGRES_PORT)

        await asyncio.to_thread(launch)

    async def _serving(self) -> None:
        self.version = await self._until("primary", lambda: self._answer("primary", "SHOW server_version"))
        self.version = self.version.split()[0]
        await self._until("standby", lambda: self._answer("standby", "SELECT 1"))
        await self._until("primary", lambda: self._answer("primary", "SELECT 1 FROM pg_stat_replication"))

    async def _answer(self, role: str, question: str) -> Any:
        connection = await asyncpg.connect(**self.outside(role), timeout=5)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    async def _toxiproxy_answers(self) -> Any:
        return await asyncio.to_thread(self._api, "GET", "/version")

    def _api(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["link"], timeout=5)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None)
            answer = connection.getresponse()
            said = answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from None
        finally:
            connection.close()
        if answer.status >= 300:
            raise EnvironmentFailed(f"the Toxiproxy refused {method} {path}: {said.decode(errors='replace')}")
        return json.loads(said)

    async def _until(self, role: str, ask: Any) -> Any:
        """Ask until there is an answer, while the container runs and at most ``patience_s`` seconds."""
        patience_s = self._engine.settings.patience_s
        began_ns = self._clock.now_ns()
        why: Exception | None = None
        while self._clock.now_ns() - began_ns < patience_s * SECOND:
            try:
                if (answer := await ask()) is not None:
                    return answer
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                why = error
                code = await asyncio.to_thread(self._engine.ended, self._containers[role])
                if code is not None:
                    said = await asyncio.to_thread(self._engine.last_words, self._containers[role])
                    raise EnvironmentFailed(f"the container of {role} ended with exit code {code}.{said}") from None
            await asyncio.sleep(_LOOKS_AGAIN_S)
        said = await asyncio.to_thread(self._engine.last_words, self._containers[role])
        raise EnvironmentFailed(f"the container of {role} did not serve within {patience_s:g} s ({why}).{said}")
