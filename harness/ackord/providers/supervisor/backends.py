"""Define what the supervisor needs from the place where the nodes and the database servers run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from ..postgres.database_servers import DatabaseBackend
from ..service.bank_channel import ChannelSettings
from ..service.behavior import ProviderBehavior
from ..variants import variant_named

__all__ = [
    "DEFAULT_COMMIT",
    "SYNCHRONOUS_COMMIT",
    "Backends",
    "Deployment",
    "NodeBackend",
    "NodeConfiguration",
    "NodeSettings",
]

Json = dict[str, Any]

SYNCHRONOUS_COMMIT = ("local", "on", "remote_write", "remote_apply")
"""PostgreSQL's values of ``synchronous_commit`` that the request ``durability`` takes."""
DEFAULT_COMMIT = SYNCHRONOUS_COMMIT[0]


class NodeConfiguration(NamedTuple):
    """Describe how all nodes behave, from one ``start`` or ``reset_as`` to the next."""

    flaw: str | None = None
    seed: int = 0
    behavior: ProviderBehavior = ProviderBehavior()
    front: Json | None = None
    """``{"contract": path of a contract, "callbacks": where merchants are called}``; ``None``: the reference API."""
    read_model: bool = False
    """Whether a read model is fed: the variant reads it, or the request asks for it."""

    @classmethod
    def of(
        cls, flaw: str | None, seed: int, behavior: Json | None, front: Json | None, *, read_model: bool
    ) -> NodeConfiguration:
        """Read the fields of a control request.

        Raises ``UnknownNameError`` for an unknown flaw, and what ``ProviderBehavior.from_json`` raises.
        """
        read_model = read_model or variant_named(flaw).read_model
        agreed = ProviderBehavior() if behavior is None else ProviderBehavior.from_json(behavior)
        return cls(flaw, seed, agreed, front, read_model)

    def tables(self) -> str:
        """Return the SQL that creates the tables of the variant."""
        return variant_named(self.flaw).tables(self.behavior)


@dataclass
class NodeSettings:
    """Hold what every node must know when it starts or comes back. The supervisor writes it, the backends read it."""

    configuration: NodeConfiguration
    channel: ChannelSettings = field(default_factory=ChannelSettings)
    synchronous_commit: str = DEFAULT_COMMIT
    steps_s: dict[str, float] = field(default_factory=dict)
    """By node: how many seconds its clock is ahead of the machine's; nodes that are not named are not ahead."""

    def reset(self, configuration: NodeConfiguration) -> None:
        """Start over with ``configuration`` and the default of everything else."""
        self.configuration = configuration
        self.channel, self.synchronous_commit, self.steps_s = ChannelSettings(), DEFAULT_COMMIT, {}


class NodeBackend(Protocol):
    """Run the API nodes.

    A method that takes a name raises ``UsageError`` for a node that does not exist, that is not in a state for the
    request, or where the backend has no such action. What it returns is the answer of the control request.
    """

    @property
    def ports(self) -> dict[str, int]:
        """The port of this machine where each node serves."""
        ...

    @property
    def silent(self) -> list[str]:
        """The nodes that cannot be told anything now."""
        ...

    def check(self, configuration: NodeConfiguration) -> None:
        """Raise ``UsageError`` for a configuration that this backend cannot run; called before anything starts."""

    def known(self, names: Iterable[str]) -> None:
        """Raise ``UsageError`` for a node that does not exist."""

    def counters(self) -> dict[str, int]:
        """Return the sum of the nodes' channel counters, as far as the nodes have reported them."""
        ...

    def death(self) -> str:
        """Say which node ended although nobody here ended it; empty: none, or it cannot be known."""
        ...

    async def start(self) -> None:
        """Start all nodes, or all again after ``stop``; return when they serve. The tables exist."""

    async def stop(self) -> None:
        """End every node, so that nothing is written any more."""

    async def set_channel(self) -> None:
        """Tell every node the channel settings."""

    async def set_synchronous_commit(self) -> dict[str, Json]:
        """Tell every node the value of ``synchronous_commit``; return what the server says of each node's sessions."""
        ...

    async def step_clocks(self) -> dict[str, Json]:
        """Tell every node how far its clock is ahead; return what each takes for the time of day."""
        ...

    async def fail_over(self) -> dict[str, Json]:
        """Let every node work on the promoted server."""
        ...

    async def crash(self, name: str) -> Json: ...
    async def kill(self, name: str) -> Json: ...
    async def revive(self, name: str) -> Json: ...
    async def pause(self, name: str) -> Json: ...
    async def resume(self, name: str) -> Json: ...
    async def disconnect(self, name: str) -> Json: ...
    async def connect(self, name: str) -> Json: ...


class Backends(NamedTuple):
    """Both backends of a provider that was started, and the settings that they read."""

    settings: NodeSettings
    nodes: NodeBackend
    databases: DatabaseBackend

    def check(self, configuration: NodeConfiguration) -> None:
        """Raise ``UsageError`` for a configuration that one of the backends cannot run."""
        self.nodes.check(configuration)
        self.databases.check(read_model=configuration.read_model)


class Deployment(Protocol):
    """Make both backends from the fields of ``start`` that describe the place, and end them."""

    async def prepare(self, node_settings: NodeSettings, /, *args: Any, **place: Any) -> Backends:
        """Make both backends and check that they can run the configuration; start no server and no node.

        Raises ``UsageError`` for fields that make no sense and for what a backend cannot do.
        """

    async def launch(self) -> Json:
        """Start the database servers and what the nodes need. Returns fields of the answer to ``start``.

        ``start_ms`` in them holds durations in milliseconds.
        """
        ...

    async def close(self) -> None:
        """End everything. Safe to call twice, and before ``launch``."""

    def end(self) -> None:
        """Do what ``close`` does without an event loop: the last act of the process, however it ends."""
