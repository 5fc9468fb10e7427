"""The two database servers that the provider works on: its own, or a primary and a standby that somebody else runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import asyncpg

from ...errors import EnvironmentFailed, UsageError
from ..postgres import Cluster

__all__ = ["External", "Own", "Servers"]

_FIELDS = {"host": str, "port": int, "user": str, "database": str, "password": str}


class Servers(Protocol):
    """What the supervisor needs of them. The two dictionaries are keyword arguments of ``asyncpg.connect``, all of them."""

    primary: dict[str, Any]
    standby: dict[str, Any]
    version: str
    start_ms: dict[str, float]

    async def start(self) -> None: ...

    def stop(self) -> None:
        """End what was started here, which may be nothing. Safe to call twice."""


class Own:
    """A cluster that is started for the run and ends with it."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.primary: dict[str, Any] = {}
        self.standby: dict[str, Any] = {}
        self.version = ""
        self.start_ms: dict[str, float] = {}

    async def start(self) -> None:
        await self.cluster.start()
        self.primary, self.standby = self.cluster.primary.arguments(), self.cluster.standby.arguments()
        self.version, self.start_ms = self.cluster.version, self.cluster.start_ms

    def stop(self) -> None:
        self.cluster.stop()


class External:
    """Servers in containers, or anywhere else: they are used, never started or ended."""

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
        _, in_recovery = await _asked("standby", self.standby)
        if not in_recovery:
            raise EnvironmentFailed(f"the standby at {_place(self.standby)} is not in recovery: it follows nobody")

    def stop(self) -> None:
        pass


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
