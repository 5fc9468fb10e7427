"""Fail over: kill the primary and promote its standby."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import asyncpg

from ...core.clock import MS, Clock
from ...errors import EnvironmentFailed

__all__ = ["fail_over"]

_WRITTEN = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"
_LAST_REPLAYED = "SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint"
_PATIENCE_S = 30.0


async def fail_over(
    primary: dict[str, Any],
    standby: dict[str, Any],
    clock: Clock,
    kill: Callable[[], object] | None,
    *,
    silence: Callable[[int], int] | None = None,
) -> dict[str, Any]:
    """Kill the primary, promote the standby, and report what was lost. Without ``kill`` the primary must be dead.

    ``silence`` kills all processes of the primary but the one whose number it takes, and returns their number.

    The standby is told first that nobody follows it: once promoted it must not wait for a standby that does not exist.
    Many real systems decide so, too; ``synchronous_commit`` waits for nothing from then on.
    """
    following = await asyncpg.connect(**standby)
    try:
        told: dict[str, Any] = {"killed_at_ns": clock.now_ns()}
        if await following.fetchval("SELECT pg_is_in_recovery()"):
            await following.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
            await following.execute("SELECT pg_reload_conf()")
            if kill is not None:
                told = await _kill(primary, clock, kill, silence)
            else:
                await _certainly_dead(primary)
            await following.execute("SELECT pg_promote(wait => false)")
            await _until_promoted(following)
        promoted_lsn = await following.fetchval(_LAST_REPLAYED)
        if "primary_lsn" in told:
            told["lost_wal_bytes"] = max(0, told["primary_lsn"] - promoted_lsn)
        return {
            "promoted": True,
            "promote_ms": round((clock.now_ns() - told["killed_at_ns"]) / MS, 1),
            **told,
            "promoted_lsn": promoted_lsn,
            "synchronous_standby_names": await following.fetchval("SHOW synchronous_standby_names"),
        }
    finally:
        following.terminate()


async def _kill(
    primary: dict[str, Any], clock: Clock, kill: Callable[[], object], silence: Callable[[int], int] | None
) -> dict[str, Any]:
    """Kill the primary; one session outlives the rest, where possible, to tell the true last position."""
    last = await asyncpg.connect(**primary)
    try:
        told: dict[str, Any] = {"primary_lsn": await last.fetchval(_WRITTEN)}
        spare = await last.fetchval("SELECT pg_backend_pid()")
        told["killed_at_ns"] = clock.now_ns()
        try:
            if silence is not None:
                told["processes_killed"] = silence(spare) + 2  # the session and its parent follow
                with contextlib.suppress(TimeoutError):  # if what died held what this one needs
                    told["primary_lsn"] = await last.fetchval(_WRITTEN, timeout=1)
        finally:
            kill()
        return told
    finally:
        last.terminate()


async def _until_promoted(server: asyncpg.Connection[asyncpg.Record]) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while await server.fetchval("SELECT pg_is_in_recovery()"):  # noqa: ASYNC110
                await asyncio.sleep(0.002)
    except TimeoutError:
        raise EnvironmentFailed(f"the standby was not promoted within {_PATIENCE_S:g} s; its log says why") from None


async def _certainly_dead(primary: dict[str, Any]) -> None:
    try:
        connection = await asyncpg.connect(**primary, timeout=3)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return
    connection.terminate()
    raise EnvironmentFailed(
        f"the primary at {primary['host']}:{primary['port']} is alive, and was not started here. "
        "Mend: end it where it runs, then ask for the failover."
    )
