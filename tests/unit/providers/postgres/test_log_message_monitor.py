"""The probe of a foreign replica: it begins when the primary has committed and ends when the replica has replayed."""

from __future__ import annotations

import asyncio
from typing import Any

from ackord.core.clock import MS, RealClock
from ackord.providers.postgres.log_message_monitor import LogMessageMonitor


class Primary:
    """Each message gets the next position."""

    def __init__(self) -> None:
        self.position = 100
        self.settings: list[str] = []

    async def execute(self, query: str) -> None:
        self.settings.append(query)

    async def fetchval(self, query: str) -> int:
        if "pg_logical_emit_message" in query:
            self.position += 10
        return self.position


class Replica:
    """Shows a position of the primary some looks later."""

    def __init__(self, primary: Primary, looks: int) -> None:
        self._primary, self._looks = primary, looks
        self._shown, self._left = 0, 0

    async def fetchval(self, query: str) -> int:
        assert "pg_last_wal_replay_lsn" in query
        if self._shown < self._primary.position:
            self._left = self._left or self._looks
            self._left -= 1
            if not self._left:
                self._shown = self._primary.position
        return self._shown


def test_each_probe_waits_for_its_own_message() -> None:
    events: list[dict[str, Any]] = []
    monitor = LogMessageMonitor("postgresql://p", "postgresql://r", "read-model", RealClock(), events.append)
    primary = Primary()
    monitor._positions = monitor._probing = [primary, Replica(primary, looks=3)]

    async def play() -> None:
        probing = asyncio.ensure_future(monitor._probe(0.0))
        while sum("probe_lag_ns" in event for event in events) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0)
        probing.cancel()

    asyncio.run(play())
    assert {event["replica"] for event in events} == {"read-model"}
    assert all(0 < event["probe_lag_ns"] < 5_000 * MS for event in events)
    assert primary.settings == ["SET synchronous_commit = local"]
    assert [event["primary_lsn"] for event in events][:2] == [110, 120]
