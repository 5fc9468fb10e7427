"""What each backend says that it cannot do, before anything starts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.core.clock import RealClock
from ackord.errors import UsageError
from ackord.providers.containers.container_nodes import ContainerNodes
from ackord.providers.containers.databases import DatabaseContainers
from ackord.providers.postgres.database_servers import DatabaseBackend, ExternalServers, OwnServers
from ackord.providers.reference.node_manager import NodeManager
from ackord.providers.supervisor.backends import NodeBackend, NodeConfiguration, NodeSettings

GIVEN = {"host": "127.0.0.1", "port": 1, "user": "u", "database": "d", "password": "p"}


def never(*_: Any) -> Any:
    raise AssertionError("nothing is started here")


def containers() -> DatabaseContainers:
    return DatabaseContainers(engine=None, clock=RealClock())  # type: ignore[arg-type]


class _Cluster:
    """Stands for a cluster that is not started."""


def own(read_model_port: int) -> OwnServers:
    return OwnServers(lambda *_: _Cluster(), logical=False, read_model_port=read_model_port)  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    "servers", [containers(), ExternalServers(GIVEN, GIVEN), own(0)], ids=lambda s: type(s).__name__
)
def test_servers_without_a_read_model_say_so(servers: DatabaseBackend) -> None:
    servers.check(read_model=False)
    with pytest.raises(UsageError, match="read model"):
        servers.check(read_model=True)


def test_own_servers_with_a_port_for_it_have_a_read_model() -> None:
    own(5432).check(read_model=True)


@pytest.mark.parametrize("servers", [containers(), own(0)], ids=lambda s: type(s).__name__)
def test_servers_of_the_run_take_no_given_ones(servers: DatabaseBackend) -> None:
    with pytest.raises(UsageError, match="takes no primary and standby"):
        asyncio.run(servers.renew(logical=False, given=(GIVEN, GIVEN)))


def test_a_container_reads_no_contract() -> None:
    nodes: NodeBackend = ContainerNodes({}, containers(), NodeSettings(NodeConfiguration()))
    nodes.check(NodeConfiguration())
    with pytest.raises(UsageError, match="no contract"):
        nodes.check(NodeConfiguration(front={"contract": "x.yaml"}))


@pytest.mark.parametrize("request_name", ["disconnect", "connect"])
def test_a_process_has_no_network_of_its_own(request_name: str) -> None:
    settings = NodeSettings(NodeConfiguration())
    nodes: NodeBackend = NodeManager(None, RealClock(), never, own(0), settings)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="only nodes in containers"):
        asyncio.run(getattr(nodes, request_name)("A"))
