"""Define what a compose file says of the provider for Ackord: which services are its nodes, hosts and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field

from ..base.field_types import Duration, Name, StrictModel
from .hooks import Action
from .topology import ReplicaLag

__all__ = ["ComposeLinkSpec", "ComposeSection", "ComposeSpec", "ServicePort", "service_port"]

_SERVICE = re.compile(r"(?P<service>[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})")


class ServicePort(NamedTuple):
    """A service of a compose file and a port inside its container."""

    service: str
    port: int


def service_port(text: str) -> ServicePort:
    """Parse ``service:port``. Raises ``ValueError``."""
    match = _SERVICE.fullmatch(text)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise ValueError("a service and a port inside its container, such as shop:8080")
    return ServicePort(match["service"], int(match["port"]))


def _checked(text: str) -> str:
    service_port(text)
    return text


ServiceAndPort = Annotated[str, AfterValidator(_checked)]


class ComposeLinkSpec(StrictModel):
    """A TCP link between two services that is led through Ackord."""

    to: ServiceAndPort = Field(description="Where the link leads: `service:port`.")
    carries: Literal["replication", "read-model"] = Field(description="As in a contract's `topology`.")
    lag: ReplicaLag | None = Field(
        default=None, description="As in a contract's `topology`; a server is called by its service and port."
    )


class ComposeSpec(StrictModel):
    """The section ``x-ackord`` of a compose file."""

    nodes: dict[Name, ServiceAndPort] = Field(
        default={}, description="The provider's nodes: `service:port`, the port inside the container."
    )
    hosts: dict[Name, ServiceAndPort] = Field(default={}, description="The same of the contract's `hosts`.")
    links: dict[Name, ComposeLinkSpec] = Field(default={}, description="Links between services, by a name.")
    failover: Action | None = Field(default=None, description="As in a contract's `topology`.")
    timeout: Duration = Field(
        default=Duration("120s"), description="How long starting, stopping and each command may take."
    )

    def service_ports(self) -> Iterator[tuple[tuple[str, ...], ServicePort]]:
        """Yield every service that is named, with its place in the section."""
        for part in ("nodes", "hosts"):
            for name, text in getattr(self, part).items():
                yield (part, name), service_port(text)
        for name, link in self.links.items():
            yield ("links", name, "to"), service_port(link.to)


class ComposeSection(StrictModel):
    """A compose file, of which only this section is read strictly."""

    x_ackord: ComposeSpec = Field(alias="x-ackord")
