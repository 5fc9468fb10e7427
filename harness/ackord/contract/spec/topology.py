"""Define what a provider is made of: its nodes, the TCP links inside it, and the commands that start and disturb them.

Everything here runs programs on the user's side, so a run carries it out only where hooks are allowed.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from ..base.field_types import Duration, Name, StrictModel, field_problem
from .hooks import Action

__all__ = ["LinkAddress", "LinkSpec", "NodeSpec", "PostgresqlLag", "ReplicaLag", "TopologySpec", "link_address"]

_ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):(?P<port>[0-9]{1,5})")

Command = Annotated[list[str], Field(min_length=1)]
"""A program and its arguments, run without a shell beside the contract's file."""


class LinkAddress(NamedTuple):
    """The two halves of ``host:port``."""

    host: str
    port: int


def link_address(text: str) -> LinkAddress:
    """Parse ``host:port``. Raises ``ValueError``."""
    match = _ADDRESS.fullmatch(text)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise ValueError("a host and a port, such as 127.0.0.1:5432")
    return LinkAddress(match["host"].strip("[]"), int(match["port"]))


def _checked_address(text: str) -> str:
    link_address(text)
    return text


HostAndPort = Annotated[str, AfterValidator(_checked_address)]


class NodeSpec(StrictModel):
    """How one node of the provider is started and disturbed: a program that Ackord runs, or commands."""

    run: Command | None = Field(
        default=None,
        description="A program that serves the node as long as it runs. Ackord starts it, and kills (SIGKILL), pauses "
        "(SIGSTOP) and starts it again when a profile says so; `kill`, `start`, `pause` and `resume` are not needed.",
    )
    kill: Action | None = Field(default=None, description="Ends the node at once, as a crash does.")
    start: Action | None = Field(default=None, description="Starts the node again after `kill`.")
    pause: Action | None = Field(default=None, description="Lets the node stand still, with its connections open.")
    resume: Action | None = Field(default=None, description="Lets it go on.")

    @model_validator(mode="after")
    def _makes_pairs(self) -> Self:
        given = [name for name in ("kill", "start", "pause", "resume") if getattr(self, name) is not None]
        if self.run is not None and given:
            raise field_problem(given[0], "it stands beside `run`, which makes it needless", expected="run alone")
        for one, other in (("kill", "start"), ("pause", "resume")):
            if (one in given) != (other in given):
                raise field_problem(
                    one if one in given else other,
                    f"{one} and {other} go together: what is disturbed must be healed",
                    expected=f"both {one} and {other}",
                )
        if self.run is None and not given:
            raise field_problem("run", "nothing is said of the node", expected="run; or kill and start, pause, resume")
        return self

    @property
    def can_crash(self) -> bool:
        return self.run is not None or self.kill is not None

    @property
    def can_pause(self) -> bool:
        return self.run is not None or self.pause is not None


class PostgresqlLag(StrictModel):
    """A PostgreSQL primary and its replica, whose positions in the write-ahead log are compared."""

    primary: Annotated[str, Field(pattern=r"^postgres(ql)?://")] = Field(
        description="`postgresql://user:password@host:port/database`; give the password as `${env:NAME}`."
    )
    replica: Annotated[str, Field(pattern=r"^postgres(ql)?://")] = Field(description="The same of the replica.")


class ReplicaLag(StrictModel):
    """How far a replica is behind, measured outside of the provider's API: exactly one of the two."""

    postgresql: PostgresqlLag | None = Field(
        default=None,
        description="Both servers are asked for their positions, many times a second. Nothing is written. The user "
        "needs no rights but to connect.",
    )
    command: Command | None = Field(
        default=None,
        description="A program that prints the lag in milliseconds, a number, as its first line.",
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.postgresql is None) == (self.command is None):
            raise field_problem("command", "how the lag is measured is not said in one way", expected="one of the two")
        return self


class LinkSpec(StrictModel):
    """A TCP link inside the provider that is led through Ackord, whatever protocol it carries."""

    to: HostAndPort = Field(description="Where the link leads: `host:port`, such as the primary's PostgreSQL.")
    listen: HostAndPort | None = Field(
        default=None,
        description="Where Ackord listens for the provider: `host:port`. Left out: a free port, which the commands "
        "below are told as `ACKORD_LINK_<NAME>` (`127.0.0.1:port`) and `ACKORD_LINK_<NAME>_PORT`.",
    )
    carries: Literal["replication", "read-model"] = Field(
        description="`replication`: what the primary writes, to its replica. `read-model`: a feed of some data, such "
        "as a stream of changes, to where queries are answered from. It says which faults disturb it."
    )
    lag: ReplicaLag | None = Field(
        default=None,
        description="How the lag behind this link is measured. Left out: only what the API shows can prove that a "
        "fault of this link took effect, so a provider that never shows it remains INCONCLUSIVE.",
    )


class TopologySpec(StrictModel):
    """What the provider is made of, where a run may start it and disturb its inside."""

    start: Action | None = Field(
        default=None,
        description="Starts what the nodes need, such as databases, and with commands the nodes themselves; it must "
        "come to an end. Links listen already.",
    )
    stop: Action | None = Field(
        default=None, description="Takes that back. It must be safe to do twice, and when nothing was started."
    )
    nodes: dict[Name, NodeSpec] = Field(
        default={},
        description="By the names of the contract's `nodes`, `a` where it has a `base_url` alone, and of its `hosts`.",
    )
    links: dict[Name, LinkSpec] = Field(default={}, description="Links inside the provider, by a name.")
    failover: Action | None = Field(
        default=None,
        description="Kills the primary database and promotes its replica. Afterwards the provider is stopped and "
        "started anew, so `start` and `stop` are needed.",
    )
    timeout: Duration = Field(
        default=Duration("60s"), description="How long each command may take, and each node until it accepts."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for name, link in self.links.items():
            same = [other for other, its in self.links.items() if its.carries == link.carries and other != name]
            if same:
                raise field_problem(
                    "links",
                    f"{same[0]} and {name} both carry {link.carries}",
                    expected="one link that carries it: lead both through one address",
                )
        for one, other in (("start", "stop"), ("stop", "start")):
            if getattr(self, one) is not None and getattr(self, other) is None:
                raise field_problem(one, f"it goes together with {other}", expected=f"{other} as well")
        if self.failover is not None and self.start is None:
            raise field_problem("failover", "nothing starts the provider anew afterwards", expected="start and stop")
        return self

    def link_that_carries(self, what: str) -> str | None:
        """Return the name of the link that carries ``replication`` or ``read-model``; ``None``: there is none."""
        return next((name for name, link in self.links.items() if link.carries == what), None)

    @property
    def starts_provider(self) -> bool:
        """Whether a run starts the provider, rather than finding it running."""
        return self.start is not None or any(node.run is not None for node in self.nodes.values())
