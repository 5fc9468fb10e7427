"""Run the nodes in containers: tell all of them everything, and tell one that could not listen when it comes back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ...errors import UsageError
from ..supervisor.backends import NodeConfiguration, NodeSettings
from .container_node import ContainerNode
from .databases import DatabaseContainers

__all__ = ["ContainerNodes", "all_of"]

Json = dict[str, Any]


class ContainerNodes:
    """The container backend of nodes, see ``NodeBackend``."""

    def __init__(
        self, members: Mapping[str, ContainerNode], databases: DatabaseContainers, settings: NodeSettings
    ) -> None:
        self.members = members
        self._databases = databases
        self._settings = settings
        self._moved: set[str] = set()
        """Nodes that know of the failover."""
        self._single: set[str] = set()
        """Nodes that were started after the failover, and so know of one server only."""
        self._blank: list[ContainerNode] = list(members.values())
        """Nodes whose containers run and wait for ``begin``."""

    @property
    def ports(self) -> dict[str, int]:
        return {name: member.port for name, member in self.members.items()}

    @property
    def silent(self) -> list[str]:
        return [member.name for member in self.members.values() if not member.listens]

    def check(self, configuration: NodeConfiguration) -> None:
        if configuration.front is not None:
            raise UsageError("a node in a container serves the reference API only: it has no contract to read")

    def known(self, names: Iterable[str]) -> None:
        for name in names:
            self._member(name)

    def death(self) -> str:
        return ""  # a container that ends is seen by the next request to it

    def counters(self) -> dict[str, int]:
        return dict(sum((member.counters for member in self.members.values()), Counter[str]()))

    async def launch(self) -> None:
        """Make and start the containers; the nodes in them wait for ``start``."""
        await all_of(*(member.launch() for member in self.members.values()))

    async def start(self) -> None:
        for member in self.members.values():
            member.forget_counts()
        again = {
            **{role: self._databases.inside(role) for role in ("primary", "standby")},
            **self._variant(),
            "fresh": False,
        }
        await all_of(
            *(
                m.begin(**self._configuration()) if m in self._blank else m.call("reset_as", **again)
                for m in self.members.values()
            )
        )
        self._moved, self._single, self._blank = set(), set(), []

    async def stop(self) -> None:
        """End every node; the containers run and are connected afterwards, so that ``start`` can follow."""
        await all_of(*(self.members[name].kill() for name in self._single if not self.members[name].dead))
        self._blank = [m for m in self.members.values() if m.dead]
        await all_of(*(self._bring_back(member) for member in self.members.values()))
        await all_of(*(m.call("kill", node=m.name) for m in self.members.values() if m not in self._blank))

    async def set_channel(self) -> None:
        await self._ask("channel", **asdict(self._settings.channel))

    async def set_synchronous_commit(self) -> dict[str, Json]:
        return _own(await self._ask("durability", mode=self._settings.synchronous_commit))

    async def step_clocks(self) -> dict[str, Json]:
        asked = [member for member in self.members.values() if member.listens]
        answers = await all_of(*(self._step(member) for member in asked))
        return {name: said for answer in answers for name, said in answer["nodes"].items()}

    async def fail_over(self) -> dict[str, Json]:
        answers = await self._ask("failover")
        self._moved |= set(answers)
        return _own(answers)

    async def crash(self, name: str) -> Json:
        """Kill a node's process as ``kill -9`` does; its container lives. Returns when its successor serves."""
        return await self._member(name).call("crash", node=name)

    async def pause(self, name: str) -> Json:
        return await self._member(name).pause()

    async def kill(self, name: str) -> Json:
        return await self._member(name).kill()

    async def disconnect(self, name: str) -> Json:
        return await self._member(name).disconnect()

    async def resume(self, name: str) -> Json:
        shown = await self._member(name).resume()
        await self._catch_up(self._member(name))
        return shown

    async def connect(self, name: str) -> Json:
        shown = await self._member(name).connect()
        await self._catch_up(self._member(name))
        return shown

    async def revive(self, name: str) -> Json:
        member = self._member(name)
        await member.restart()
        await member.begin(**self._configuration())
        if self._databases.leading == "standby":
            self._moved.add(name)
            self._single.add(name)
        await self._catch_up(member)
        return await member.revived()

    async def close(self) -> None:
        await asyncio.gather(*(member.close() for member in self.members.values()))

    def _member(self, name: str) -> ContainerNode:
        if name not in self.members:
            raise UsageError(f"there is no node {name!r}; there is {', '.join(self.members)}")
        return self.members[name]

    def _variant(self) -> Json:
        configuration = self._settings.configuration
        return {
            "flaw": configuration.flaw,
            "seed": configuration.seed,
            "behavior": configuration.behavior.to_json(),
        }

    def _configuration(self) -> Json:
        """Return what the supervisor in a container needs to start its node."""
        return {
            "primary": self._databases.inside(self._databases.leading),
            "standby": self._databases.inside("standby"),
            "channel": asdict(self._settings.channel),
            **self._variant(),
        }

    async def _ask(self, do: str, **arguments: Any) -> dict[str, Json]:
        asked = [member for member in self.members.values() if member.listens]
        answers = await all_of(*(member.call(do, **arguments) for member in asked))
        return {member.name: answer for member, answer in zip(asked, answers, strict=True)}

    async def _catch_up(self, member: ContainerNode) -> None:
        """Tell a node that came back what it missed."""
        if not member.listens:
            return
        if self._databases.leading == "standby" and member.name not in self._moved:
            await member.call("failover")
            self._moved.add(member.name)
        await member.call("channel", **asdict(self._settings.channel))
        await member.call("durability", mode=self._settings.synchronous_commit)
        await self._step(member)

    async def _step(self, member: ContainerNode) -> Json:
        """Step one node's clock; return what it takes for the time of day."""
        steps_s = self._settings.steps_s
        own = {member.name: steps_s[member.name]} if member.name in steps_s else {}
        return await member.call("clock", steps_s=own)

    async def _bring_back(self, member: ContainerNode) -> None:
        if member.dead:
            await member.restart()
        await member.resume()
        await member.connect()


def _own(answers: Mapping[str, Json]) -> dict[str, Json]:
    """Return each node's own part of what the supervisor in its container answered."""
    return {name: answer["nodes"].get(name) for name, answer in answers.items()}


async def all_of(*what: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run all at once. When one fails, wait for the others first, so that none goes on unseen."""
    outcomes = await asyncio.gather(*what, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return outcomes
