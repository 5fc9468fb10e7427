"""All nodes together: each is told everything, and one that cannot listen is told when it comes back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import asdict
from typing import Any

from ...errors import UsageError
from ..service.bank_channel import ChannelSettings
from .container_node import ContainerNode
from .databases import DatabaseContainers

__all__ = ["ContainerNodes", "all_of"]

Json = dict[str, Any]

_CALM = "local"
"""The durability that a node starts with."""


class ContainerNodes:
    """The nodes, and what each of them has to know when it starts or comes back."""

    def __init__(
        self, members: Mapping[str, ContainerNode], databases: DatabaseContainers, levers: ChannelSettings
    ) -> None:
        self.members = members
        self._databases = databases
        self._variant: Json = {}
        self._levers = levers
        self._durability = _CALM
        self._steps_s: dict[str, float] = {}
        self._moved: set[str] = set()
        """Nodes that know of the failover."""
        self._single: set[str] = set()
        """Nodes that were started after the failover, and so know of one server only."""
        self._blank: list[ContainerNode] = []
        """Nodes whose containers were started again and that wait for ``begin``."""
        self._turning = asyncio.Lock()

    def ports(self) -> dict[str, int]:
        return {name: member.port for name, member in self.members.items()}

    def member(self, name: str) -> ContainerNode:
        if name not in self.members:
            raise UsageError(f"there is no node {name!r}; there is {', '.join(self.members)}")
        return self.members[name]

    async def begin(self, *, flaw: str | None, seed: int) -> None:
        """Let every launched node serve; the tables are there."""
        self._variant = {"flaw": flaw, "seed": seed}
        await all_of(*(member.begin(**self._configuration()) for member in self.members.values()))

    async def silence(self) -> None:
        """End every node, in containers that run and are connected: nothing is written any more, and ``begin_again`` can follow."""
        await all_of(*(self.members[name].kill() for name in self._single if not self.members[name].dead))
        self._blank = [m for m in self.members.values() if m.dead]
        await all_of(*(self._bring_back(member) for member in self.members.values()))
        await all_of(*(m.call("kill", node=m.name) for m in self.members.values() if m not in self._blank))

    async def begin_again(self, *, flaw: str | None, seed: int) -> None:
        """After ``silence``: all nodes as another variant, with levers back."""
        self._variant = {"flaw": flaw, "seed": seed}
        self._levers, self._durability, self._steps_s = ChannelSettings(), _CALM, {}
        servers = {role: self._databases.inside(role) for role in ("primary", "standby")}
        again = {**servers, **self._variant, "fresh": False}
        for member in self.members.values():
            member.forget_counts()
        await all_of(
            *(
                m.begin(**self._configuration()) if m in self._blank else m.call("become", **again)
                for m in self.members.values()
            )
        )
        self._moved, self._single, self._blank = set(), set(), []

    # -- what all are told ----------------------------------------------------------------------------------------------

    async def channel(self, **levers: Any) -> Json:
        async with self._turning:
            self._levers = self._levers.changed(**levers)
            await self._ask("channel", **asdict(self._levers))
        counters = sum((member.counters for member in self.members.values()), Counter[str]())
        return {**asdict(self._levers), "counters": dict(counters), **self._silent()}

    async def durability(self, mode: str) -> Json:
        async with self._turning:
            answers = await self._ask("durability", mode=mode)
            self._durability = mode
        nodes = {name: answer["nodes"].get(name) for name, answer in answers.items()}
        return {"mode": mode, "nodes": nodes, **self._silent()}

    async def clock(self, steps_s: dict[str, float] | None) -> Json:
        """Step the nodes' clocks, those that are not named back to the machine's time; ``None``: only look."""
        async with self._turning:
            if steps_s is not None:
                for name in steps_s:
                    self.member(name)
                self._steps_s = steps_s
            asked = [member for member in self.members.values() if member.listens]
            answers = await all_of(*(self._step(member) for member in asked))
        nodes = {name: said for answer in answers for name, said in answer["nodes"].items()}
        return {"nodes": nodes, **self._silent()}

    async def fail_over(self) -> Json:
        """The primary is dead and the standby promoted: let the nodes work on that."""
        answers = await self._ask("failover")
        self._moved |= set(answers)
        nodes = {name: answer["nodes"].get(name) for name, answer in answers.items()}
        return {"nodes": nodes, **self._silent()}

    # -- one of them ----------------------------------------------------------------------------------------------------

    async def resume(self, name: str) -> Json:
        shown = await self.member(name).resume()
        await self._catch_up(self.member(name))
        return shown

    async def connect(self, name: str) -> Json:
        shown = await self.member(name).connect()
        await self._catch_up(self.member(name))
        return shown

    async def revive(self, name: str) -> Json:
        member = self.member(name)
        await member.restart()
        await member.begin(**self._configuration())
        if self._durability != _CALM:
            await member.call("durability", mode=self._durability)
        await self._step(member)
        if self._databases.leading == "standby":
            self._moved.add(name)
            self._single.add(name)
        return await member.revived()

    async def close(self) -> None:
        await asyncio.gather(*(member.close() for member in self.members.values()))

    def _configuration(self) -> Json:
        """What a node is started with."""
        databases = self._databases
        return {
            "primary": databases.inside(databases.leading),
            "standby": databases.inside("standby"),
            "channel": asdict(self._levers),
            **self._variant,
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
        await member.call("channel", **asdict(self._levers))
        await member.call("durability", mode=self._durability)
        await self._step(member)

    async def _step(self, member: ContainerNode) -> Json:
        """Tell a node what it is to take for the time of day, and hear it say so."""
        own = {member.name: self._steps_s[member.name]} if member.name in self._steps_s else {}
        return await member.call("clock", steps_s=own)

    async def _bring_back(self, member: ContainerNode) -> None:
        if member.dead:
            await member.restart()
        await member.resume()
        await member.connect()

    def _silent(self) -> Json:
        """Nodes that could not be asked, if there are any."""
        silent = [member.name for member in self.members.values() if not member.listens]
        return {"silent": silent} if silent else {}


async def all_of(*what: Coroutine[Any, Any, Any]) -> list[Any]:
    """All at once. When one fails, the others are waited for, so that nothing goes on behind the error's back."""
    outcomes = await asyncio.gather(*what, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return outcomes
