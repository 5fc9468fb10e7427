"""Sample the lag of a foreign provider's replicas while a run is recorded."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import asyncpg

from ...contract.spec.topology import LinkSpec
from ...core.clock import MS, Clock
from ...errors import EnvironmentFailed
from ..hook_actions import first_line
from ..postgres.log_message_monitor import LogMessageMonitor

__all__ = ["LagSampler"]

Json = dict[str, Any]
_COMMAND_TIMEOUT_S = 5.0


class _Monitor(Protocol):
    async def open(self) -> None: ...

    async def sample(self, every_ms: float) -> None: ...

    async def close(self) -> None: ...


class _CommandMonitor:
    """Asks a command for the lag, again and again."""

    def __init__(
        self,
        command: list[str],
        replica: str,
        folder: Path,
        variables: Mapping[str, str],
        clock: Clock,
        emit: Callable[[Json], None],
    ) -> None:
        self._command, self._folder, self._variables = command, folder, variables
        self._replica = {"replica": replica} if replica else {}
        self._clock, self._emit = clock, emit
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self._lag_ms()

    async def sample(self, every_ms: float) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if every_ms > 0:
            self._task = asyncio.get_running_loop().create_task(self._follow(every_ms))

    async def close(self) -> None:
        await self.sample(0)

    async def _follow(self, every_ms: float) -> None:
        while True:
            with contextlib.suppress(EnvironmentFailed):  # nothing is measured, so nothing is proven
                lag_ns = int(await self._lag_ms() * MS)
                at = {"at_ns": self._clock.now_ns(), "primary_lsn": 0, "standby_lsn": 0}
                self._emit({"event": "replication", **self._replica, **at, "probe_lag_ns": lag_ns})
            await asyncio.sleep(every_ms / 1000)

    async def _lag_ms(self) -> float:
        try:
            printed = await first_line(
                self._command, timeout_s=_COMMAND_TIMEOUT_S, folder=self._folder, variables=self._variables
            )
            lag_ms = float(printed)
            if 0 <= lag_ms < float("inf"):
                return lag_ms
            why = f"it printed {printed[:40]!r}"
        except ValueError:
            why = f"it printed {printed[:40]!r}"
        except (OSError, TimeoutError) as error:
            why = str(error) or f"it took longer than {_COMMAND_TIMEOUT_S:g} s"
        raise EnvironmentFailed(
            f"the lag cannot be measured by {self._command[0]}: {why}.\n  expected: milliseconds, such as 12.5"
        )


class LagSampler:
    """Measures every link that says how; in a thread of its own, since measuring must not wait for a run."""

    def __init__(
        self,
        links: Mapping[str, LinkSpec],
        folder: Path,
        variables: Mapping[str, str],
        clock: Clock,
        emit: Callable[[Json], None],
    ) -> None:
        self._monitors = _monitors(links, folder, variables, clock, emit)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="ackord-lag", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Connect. Raises ``EnvironmentFailed`` if the lag cannot be measured as the contract says."""
        for name, monitor in self._monitors:
            try:
                self._call(monitor.open())
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
                raise EnvironmentFailed(
                    f"the lag behind the link {name} cannot be measured: {error}.\n"
                    f"  mend: check topology.links.{name}.lag in the contract"
                ) from error

    def sample(self, every_ms: float) -> None:
        """Emit a ``replication`` event for each measurement from now on; 0 stops it."""
        for _, monitor in self._monitors:
            self._call(monitor.sample(every_ms))

    def close(self) -> None:
        """Safe to call twice."""
        if self._loop.is_closed():
            return
        for _, monitor in self._monitors:
            with contextlib.suppress(Exception):
                self._call(monitor.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


def _monitors(
    links: Mapping[str, LinkSpec],
    folder: Path,
    variables: Mapping[str, str],
    clock: Clock,
    emit: Callable[[Json], None],
) -> Sequence[tuple[str, _Monitor]]:
    found: list[tuple[str, _Monitor]] = []
    for name, link in links.items():
        replica = "" if link.carries == "replication" else link.carries
        if link.lag is None:
            continue
        if link.lag.postgresql is not None:
            ends = link.lag.postgresql
            found.append((name, LogMessageMonitor(ends.primary, ends.replica, replica, clock, emit)))
        elif link.lag.command is not None:
            found.append((name, _CommandMonitor(link.lag.command, replica, folder, variables, clock, emit)))
    return found
