"""Run the provider as processes of this machine: nodes from a fork server, PostgreSQL's servers, or given ones."""

from __future__ import annotations

import signal
from typing import Any

from ...core.clock import MS, RealClock
from ...host.run_dir import RunDir
from ..postgres.database_servers import ExternalServers, OwnServers, choose_servers
from ..supervisor.backends import Backends, NodeSettings
from ..supervisor.node_names import ports_of
from .forkserver import ForkServer
from .node_manager import NodeManager

__all__ = ["ProcessDeployment"]

Json = dict[str, Any]


class ProcessDeployment:
    """See ``Deployment``."""

    def __init__(self, forkserver: ForkServer) -> None:
        self._nursery = forkserver
        self._clock = RealClock()
        self._run: RunDir | None = None
        self._nodes: NodeManager | None = None
        self._databases: OwnServers | ExternalServers | None = None

    async def prepare(
        self,
        node_settings: NodeSettings,
        /,
        *,
        run_dir: str | None = None,
        primary_port: int = 0,
        link_port: int = 0,
        read_model_port: int = 0,
        primary: Json | None = None,
        standby: Json | None = None,
        bin_dir: str | None = None,
        nodes: int | list[str] = 2,
        host: str = "127.0.0.1",
        ports: dict[str, int] | None = None,
    ) -> Backends:
        configuration, listening = node_settings.configuration, ports_of(nodes, ports or {})
        self._run = RunDir.attach(run_dir) if run_dir else None
        self._record(self._nursery.pid, polite=signal.SIGTERM)
        self._databases = choose_servers(
            self._run,
            primary_port,
            link_port,
            bin_dir or None,
            primary,
            standby,
            logical=configuration.read_model,
            read_model_port=read_model_port,
        )
        self._nodes = NodeManager(self._nursery, self._clock, self._record, self._databases, node_settings)
        backends = Backends(node_settings, self._nodes, self._databases)
        backends.check(configuration)
        self._nursery.listen(host, listening, contracts=configuration.front is not None)
        return backends

    async def launch(self) -> Json:
        assert self._databases is not None
        began_ns = self._clock.now_ns()
        await self._databases.start()
        postgres_ms = round((self._clock.now_ns() - began_ns) / MS, 1)
        return {"start_ms": {**self._databases.start_ms, "postgres": postgres_ms}}

    async def close(self) -> None:
        self.end()

    def end(self) -> None:
        if self._nodes is not None:
            self._nodes.end()
        self._nursery.close()
        if self._databases is not None:
            self._databases.stop()

    def _record(self, pid: int, *, polite: int = signal.SIGKILL) -> None:
        if self._run is not None:
            self._run.record(pid, polite=polite)
