"""What the container deployment does without an engine."""

from __future__ import annotations

import asyncio

import pytest

from ackord.errors import UsageError
from ackord.providers.containers.container_deployment import ContainerDeployment
from ackord.providers.supervisor.backends import NodeConfiguration, NodeSettings


def test_nodes_that_there_are_not_are_refused_before_the_engine_is_asked() -> None:
    with pytest.raises(UsageError, match="one or both, not 3"):
        asyncio.run(ContainerDeployment().prepare(NodeSettings(NodeConfiguration()), nodes=3))


def test_ending_what_was_not_started_does_nothing() -> None:
    deployment = ContainerDeployment()
    asyncio.run(deployment.close())
    deployment.end()
