"""The two database servers that the provider works on: its own, or a primary and a standby that somebody else runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import asyncpg

from ...core.clock import Clock
from ...errors import EnvironmentFailed, UsageError
from ...host.run_dir import RunDir
from .cluster import PostgresCluster
from .failover import fail_over

__all__ = ["DatabaseServers", "ExternalServers", "OwnServers", "choose_servers"]

_FIELDS = {"host": str, "port": int, "user": str, "database": str, "password": str}


class DatabaseServers(Protocol):
    """What the supervisor needs of them. The two dictionaries are keyword arguments of ``asyncpg.connect``, all of them."""

    primary: dict[str, Any]
    standby: dict[str, Any]
    logical: bool
    """Whether single tables can be replicated, too."""
    version: str
    start_ms: dict[str, float]

    async def start(self) -> None: ...

    async def fail_over(self, clock: Clock) -> dict[str, Any]:
        """Let the standby be the only server: afterwards both dictionaries name it."""
        ...

    async def renew(self, *, logical: bool) -> None:
        """A new primary and standby, as after a failover. Raises ``UsageError`` where they are not ours to start."""

    def stop(self) -> None:
        """End what was started here, which may be nothing. Safe to call twice."""


class OwnServers:
    """A cluster that is started for the run and ends with it."""

    def __init__(self, make: Callable[[int, bool], PostgresCluster], *, logical: bool) -> None:
        """``make`` gives a cluster that is not started; it is told which port its standby should listen on, or 0, and whether it is ``logical``."""
        self._make = make
        self._cluster = make(0, logical)
        self.logical = logical
        self.primary: dict[str, Any] = {}
        self.standby: dict[str, Any] = {}
        self.version = ""
        self.start_ms: dict[str, float] = {}

    async def start(self) -> None:
        cluster = self._cluster
        await cluster.start()
        self.primary, self.standby = cluster.primary.arguments(), cluster.standby.arguments()
        self.version, self.start_ms = cluster.version, cluster.start_ms

    async def fail_over(self, clock: Clock) -> dict[str, Any]:
        cluster = self._cluster
        said = await fail_over(self.primary, self.standby, clock, cluster.kill_primary, silence=cluster.silence_primary)
        self.primary = self.standby
        return said

    async def renew(self, *, logical: bool) -> None:
        port = int(self.standby["port"])
        await asyncio.to_thread(self._cluster.stop)
        self._cluster = self._make(port, logical)
        self.logical = logical
        await self.start()

    def stop(self) -> None:
        self._cluster.stop()


class ExternalServers:
    """Servers in containers, or anywhere else: they are used, never started or ended."""

    logical = False
    """Not as far as we know: nobody has asked what they are set to."""

    def __init__(self, primary: Mapping[str, object], standby: Mapping[str, object]) -> None:
        self.primary = _arguments("primary", primary)
        self.standby = _arguments("standby", standby)
        self.version = ""
        self.start_ms: dict[str, float] = {}

    async def start(self) -> None:
        """Look whether they are what they are said to be. Raises ``EnvironmentFailed``."""
        self.version, in_recovery = await _asked("primary", self.primary)
        if in_recovery:
            raise EnvironmentFailed(f"the primary at {_place(self.primary)} is a standby: it only takes reads")
        if self.standby == self.primary:
            return  # one server for both, as after a failover
        _, in_recovery = await _asked("standby", self.standby)
        if not in_recovery:
            raise EnvironmentFailed(f"the standby at {_place(self.standby)} is not in recovery: it follows nobody")

    async def fail_over(self, clock: Clock) -> dict[str, Any]:
        """The second half of it: whoever runs the primary has ended it."""
        said = await fail_over(self.primary, self.standby, clock, None)
        self.primary = self.standby
        return said

    async def renew(self, *, logical: bool) -> None:
        raise UsageError(
            "a read model needs servers that are started here"
            if logical
            else "after a failover of servers that were not started here, become needs a new primary and standby"
        )

    def stop(self) -> None:
        pass


def choose_servers(
    run: RunDir | None,
    primary_port: int,
    link_port: int,
    bin_dir: str | None,
    primary: Mapping[str, object] | None,
    standby: Mapping[str, object] | None,
    *,
    logical: bool = False,
) -> DatabaseServers:
    """Servers of its own in ``run``, or the two that are given. Raises ``UsageError`` for half of either."""
    if primary is not None and standby is not None:
        return ExternalServers(primary, standby)
    if primary is None and standby is None and run is not None and primary_port and link_port:
        return OwnServers(
            lambda standby_port, logical: PostgresCluster(
                run,
                primary_port=primary_port,
                link_port=link_port,
                standby_port=standby_port,
                bin_dir=bin_dir,
                logical=logical,
            ),
            logical=logical,
        )
    raise UsageError(
        "start needs run_dir, primary_port and link_port for servers of its own, or both primary and standby"
    )


def _arguments(role: str, given: Mapping[str, object]) -> dict[str, Any]:
    wrong = [name for name, kind in _FIELDS.items() if not isinstance(given.get(name), kind)]
    wrong += [name for name in given if name not in _FIELDS]
    if wrong:
        raise UsageError(
            f"the {role} is given by host, port (a number), user, database and password; look at: {', '.join(wrong)}"
        )
    return {**given, "ssl": False}


async def _asked(role: str, arguments: dict[str, Any]) -> tuple[str, bool]:
    """Its version, such as ``16.4``, and whether it is in recovery."""
    try:
        connection = await asyncpg.connect(**arguments, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        why = str(error) or type(error).__name__
        raise EnvironmentFailed(f"the {role} at {_place(arguments)} cannot be reached: {why}") from None
    try:
        version, in_recovery = await connection.fetchrow(
            "SELECT current_setting('server_version'), pg_is_in_recovery()"
        )
    finally:
        await connection.close()
    return str(version).split()[0], bool(in_recovery)


def _place(arguments: Mapping[str, Any]) -> str:
    return f"{arguments['host']}:{arguments['port']}"
