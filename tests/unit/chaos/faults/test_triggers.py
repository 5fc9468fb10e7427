"""Faults that are done and undone: which node they hit."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ackord.chaos.faults.node_down import NodeDown


class FakeRun:
    """A provider of which the node ``free`` is held by nobody."""

    def __init__(self, free: str | None) -> None:
        self.free = free
        self.told: list[tuple[str, str]] = []

    def free_node(self) -> str | None:
        return self.free

    async def control(self, do: str, node: str) -> dict[str, Any]:
        self.told.append((do, node))
        return {"pid": 7}


@pytest.mark.parametrize(("node", "free", "hit"), [("", "B", "B"), ("A", "B", "A"), ("", None, None)])
def test_an_outage_hits_the_node_that_is_named_or_one_that_is_free(
    node: str, free: str | None, hit: str | None
) -> None:
    run: Any = FakeRun(free)
    fault = NodeDown(fault="node-down", node=node)
    done = asyncio.run(fault.inject(run))
    assert done == (hit and {"node": hit, "pid": 7})
    if done is not None:
        asyncio.run(fault.heal(run, done))
        assert run.told == [("kill", hit), ("revive", hit)]
