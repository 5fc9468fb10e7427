"""A failover: the primary is dead, the standby takes its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg

from ...core.clock import MS, Clock
from ...errors import EnvironmentFailed

__all__ = ["fail_over"]

_WRITTEN = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint"
_RECEIVED = "SELECT (coalesce(pg_last_wal_receive_lsn(), '0/0') - '0/0')::bigint"
_LAST_REPLAYED = "SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint"
_PATIENCE_S = 30.0


async def fail_over(
    primary: dict[str, Any], standby: dict[str, Any], clock: Clock, kill: Callable[[], int] | None
) -> dict[str, Any]:
    """Kill the primary, promote the standby, and say what was lost. Without ``kill`` the primary must be dead already.

    The standby is told before that nobody follows it: once promoted it must not wait for a standby that does not exist, as many real
    systems decide too, so ``synchronous_commit`` waits for nothing from then on. What is under way in the link when the primary dies is lost with it, because
    promotion ends the reception.
    """
    following = await asyncpg.connect(**standby)
    try:
        already = not await following.fetchval("SELECT pg_is_in_recovery()")
        told: dict[str, Any] = {}
        if not already:
            await following.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
            await following.execute("SELECT pg_reload_conf()")
            told = await _positions(primary, following) if kill is not None else {}
        killed_at_ns = clock.now_ns()
        if kill is not None:
            told["processes_killed"] = kill()
        else:
            await _certainly_dead(primary)
        if not already:
            await following.execute("SELECT pg_promote(wait => false)")
            await _until_promoted(following)
        promoted_lsn = await following.fetchval(_LAST_REPLAYED)
        lost = {"lost_wal_bytes": max(0, told["primary_lsn"] - promoted_lsn)} if "primary_lsn" in told else {}
        return {
            "promoted": True,
            "killed_at_ns": killed_at_ns,
            "promote_ms": round((clock.now_ns() - killed_at_ns) / MS, 1),
            **told,
            **lost,
            "promoted_lsn": promoted_lsn,
            "synchronous_standby_names": await following.fetchval("SHOW synchronous_standby_names"),
        }
    finally:
        following.terminate()


async def _positions(primary: dict[str, Any], following: asyncpg.Connection[asyncpg.Record]) -> dict[str, Any]:
    leading = await asyncpg.connect(**primary)
    try:
        received = await following.fetchval(_RECEIVED)
        return {"primary_lsn": await leading.fetchval(_WRITTEN), "received_lsn": received}
    finally:
        leading.terminate()


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
