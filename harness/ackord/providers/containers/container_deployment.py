"""Run the provider in containers: the nodes, the primary, the standby, and the Toxiproxy between these two."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from ...core.clock import MS, RealClock
from ...host.child_process import emit
from ...host.run_dir import RunDir
from ..supervisor.backends import Backends, NodeSettings
from ..supervisor.node_names import ports_of
from .container_node import ContainerNode
from .container_nodes import ContainerNodes, all_of
from .databases import LINK_PROXY, DatabaseContainers
from .docker_engine import DockerEngine
from .docker_settings import DockerSettings

__all__ = ["ContainerDeployment"]

Json = dict[str, Any]


class ContainerDeployment:
    """See ``Deployment``."""

    def __init__(self) -> None:
        self._clock = RealClock()
        self._engine: DockerEngine | None = None
        self._databases: DatabaseContainers | None = None
        self._nodes: ContainerNodes | None = None
        self._run: RunDir | None = None
        self._cleanup: Path | None = None

    async def prepare(
        self,
        node_settings: NodeSettings,
        /,
        *,
        run_dir: str | None = None,
        nodes: int | list[str] = 2,
        settings: Json | None = None,
    ) -> Backends:
        names = ports_of(nodes, {})
        run = self._run = RunDir.attach(run_dir) if run_dir else None
        label = run.path.name if run is not None else f"run-{os.urandom(4).hex()}"
        engine = self._engine = await asyncio.to_thread(DockerEngine, label, DockerSettings.read(settings))
        self._databases = DatabaseContainers(engine, self._clock)
        logs = {name: run.path / f"node-{name}.log" if run is not None else None for name in names}
        made = {name: ContainerNode(name, engine, self._clock, logs[name], emit) for name in names}
        self._nodes = ContainerNodes(made, self._databases, node_settings)
        backends = Backends(node_settings, self._nodes, self._databases)
        backends.check(node_settings.configuration)
        return backends

    async def launch(self) -> Json:
        """Remove what earlier runs left, then start all containers; the servers serve afterwards."""
        engine, databases, nodes = self._engine, self._databases, self._nodes
        assert engine is not None and databases is not None and nodes is not None
        began_ns = self._clock.now_ns()
        swept = await asyncio.to_thread(engine.sweep)
        swept_ns = self._clock.now_ns()
        await asyncio.to_thread(engine.check_images)
        if self._run is not None:
            self._cleanup = self._run.register_cleanup(
                "ackord.providers.containers.docker_engine:remove_run", run=engine.run
            )
        await asyncio.to_thread(engine.make_network)
        await all_of(databases.start(), nodes.launch())
        launched_ns = self._clock.now_ns()
        return {
            "run": engine.run,
            "engine": engine.description,
            "primary_port": databases.ports["primary"],
            "link": {
                "admin": f"http://127.0.0.1:{databases.ports['link']}",
                "proxy": LINK_PROXY,
                "version": databases.toxiproxy_version,
            },
            "swept": swept,
            "start_ms": {
                "sweep": round((swept_ns - began_ns) / MS, 1),
                "containers": round((launched_ns - swept_ns) / MS, 1),
            },
        }

    async def close(self) -> None:
        """Remove all containers and the network."""
        if self._engine is None:
            return
        self._engine.close()
        if self._nodes is not None:
            await self._nodes.close()
        await asyncio.to_thread(self._engine.remove_all)

    def end(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine.remove_all()
            if self._run is not None and self._cleanup is not None:
                self._run.cleanup_done(self._cleanup)
