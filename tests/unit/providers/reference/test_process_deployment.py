"""What the process deployment refuses before it listens or starts anything."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.errors import UsageError
from ackord.providers.reference.process_deployment import ProcessDeployment
from ackord.providers.supervisor.backends import NodeConfiguration, NodeSettings

GIVEN = {"host": "127.0.0.1", "port": 1, "user": "u", "database": "d", "password": "p"}


class _ForkServer:
    pid = 0

    def __init__(self) -> None:
        self.listening: dict[str, int] = {}
        self.ports: dict[str, int] = {}

    def listen(self, host: str, ports: dict[str, int], *, contracts: bool) -> None:
        self.listening = dict(ports)


def prepared(place: dict[str, Any], **configuration: Any) -> _ForkServer:
    server = _ForkServer()
    deployment = ProcessDeployment(server)  # type: ignore[arg-type]
    try:
        asyncio.run(deployment.prepare(NodeSettings(NodeConfiguration(**configuration)), **place))
    except UsageError:
        assert server.listening == {}
        raise
    return server


@pytest.mark.parametrize(
    ("place", "configuration", "match"),
    [
        ({}, {}, "or both primary and standby"),
        ({"primary": GIVEN}, {}, "or both primary and standby"),
        ({"primary": GIVEN, "standby": GIVEN, "nodes": 3}, {}, "one or both, not 3"),
        ({"primary": GIVEN, "standby": GIVEN}, {"read_model": True}, "a read model needs servers that are started"),
    ],
)
def test_what_cannot_work_is_refused(place: dict[str, Any], configuration: dict[str, Any], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        prepared(place, **configuration)


def test_given_servers_are_enough() -> None:
    assert prepared({"primary": GIVEN, "standby": GIVEN, "ports": {"A": 80}}).listening == {"A": 80, "B": 0}
