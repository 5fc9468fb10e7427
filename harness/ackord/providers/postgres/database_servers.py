"""Run the primary and the standby as processes, or use two servers that somebody else runs."""

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

__all__ = ["DatabaseBackend", "ExternalServers", "OwnServers", "choose_servers"]

GivenServers = tuple[Mapping[str, object], Mapping[str, object]]
"""A primary and a standby that somebody else runs, as a control request names them."""

_FIELDS = {"host": str, "port": int, "user": str, "database": str, "password": str}
_NO_READ_MODEL = "a read model needs servers that are started here, and read_model_port to reach them by"


class DatabaseBackend(Protocol):
    """Run a primary and its standby. Both endpoints are all keyword arguments of ``asyncpg.connect``."""

    @property
    def primary(self) -> dict[str, Any]: ...

    @property
    def standby(self) -> dict[str, Any]: ...

    @property
    def logical(self) -> bool:
        """Whether the servers can replicate single tables, too."""
        ...

    @property
    def read_model_port(self) -> int:
        """The port of this machine where a read model dials for the primary; 0: there can be no read model."""
        ...

    @property
    def version(self) -> str: ...

    def check(self, *, read_model: bool) -> None:
        """Raise ``UsageError`` if a read model is wanted and these servers cannot have one."""

    def death(self) -> str:
        """Say which server somebody else ended since it was started; empty: none, or it cannot be known."""
        ...

    async def fail_over(self, clock: Clock) -> dict[str, Any]:
        """Let the standby be the only server: afterwards both endpoints name it. See ``failover.fail_over``."""
        ...

    async def renew(self, *, logical: bool, given: GivenServers | None) -> None:
        """Replace both servers by new ones. Raises ``UsageError`` for servers that this backend cannot use or make."""


class OwnServers:
    """Start a cluster for the run and end it with the run."""

    def __init__(
        self, make: Callable[[int, bool], PostgresCluster], *, logical: bool, read_model_port: int = 0
    ) -> None:
        """``make`` takes the standby's port (0: any) and ``logical``, and returns a cluster that is not started."""
        self._make = make
        self._cluster = make(0, logical)
        self.logical = logical
        self.read_model_port = read_model_port
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

    def check(self, *, read_model: bool) -> None:
        if read_model and not self.read_model_port:
            raise UsageError(_NO_READ_MODEL)

    async def renew(self, *, logical: bool, given: GivenServers | None) -> None:
        if given is not None:
            raise UsageError("these servers are started here: reset_as makes new ones and takes no primary and standby")
        port = int(self.standby["port"])
        await asyncio.to_thread(self._cluster.stop)
        self._cluster = self._make(port, logical)
        self.logical = logical
        await self.start()

    def death(self) -> str:
        return self._cluster.death()

    def stop(self) -> None:
        self._cluster.stop()


class ExternalServers:
    """Use servers that run elsewhere; never start or end them."""

    logical = False
    """Their settings are not known, so no table is replicated on its own."""
    read_model_port = 0

    def __init__(self, primary: Mapping[str, object], standby: Mapping[str, object]) -> None:
        self.primary = _arguments("primary", primary)
        self.standby = _arguments("standby", standby)
        self.version = ""
        self.start_ms: dict[str, float] = {}

    def check(self, *, read_model: bool) -> None:
        if read_model:
            raise UsageError(_NO_READ_MODEL)

    async def start(self) -> None:
        """Check that one is a primary and the other a standby. Raises ``EnvironmentFailed``."""
        self.version, in_recovery = await _asked("primary", self.primary)
        if in_recovery:
            raise EnvironmentFailed(f"the primary at {_place(self.primary)} is a standby: it only takes reads")
        if self.standby == self.primary:
            return  # one server for both, as after a failover
        _, in_recovery = await _asked("standby", self.standby)
        if not in_recovery:
            raise EnvironmentFailed(f"the standby at {_place(self.standby)} is not in recovery: it follows nobody")

    async def fail_over(self, clock: Clock) -> dict[str, Any]:
        """Promote the standby; whoever runs the primary has ended it before."""
        said = await fail_over(self.primary, self.standby, clock, None)
        self.primary = self.standby
        return said

    async def renew(self, *, logical: bool, given: GivenServers | None) -> None:
        if given is None:
            raise UsageError(
                "after a failover of servers that were not started here, become needs a new primary and standby"
            )
        self.primary, self.standby = _arguments("primary", given[0]), _arguments("standby", given[1])
        await self.start()

    def death(self) -> str:
        return ""  # their processes are not ours to see

    def stop(self) -> None:
        """Do nothing: the servers belong to somebody else."""


def choose_servers(
    run: RunDir | None,
    primary_port: int,
    link_port: int,
    bin_dir: str | None,
    primary: Mapping[str, object] | None,
    standby: Mapping[str, object] | None,
    *,
    logical: bool = False,
    read_model_port: int = 0,
) -> OwnServers | ExternalServers:
    """Choose own servers in ``run``, or the two that are given. Raises ``UsageError`` for half of either."""
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
            read_model_port=read_model_port,
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
    """Return the server's version, such as ``16.4``, and whether the server is in recovery."""
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
