"""Run a provider that the contract's topology describes: its links led through ours, its nodes and databases disturbed.

merchant ── edge (gateway) ── nodes a, b ── whatever they are made of ─── link of ours ─── replica
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...chaos.faults import Seam
from ...chaos.toxiproxy.addresses import is_loopback
from ...contract.spec.topology import LinkAddress, LinkSpec, TopologySpec, link_address
from ...core.clock import RealClock
from ...errors import EnvironmentFailed
from ...host.run_dir import RunDir
from ...providers.topology.provider_system import ProviderSystem, accepts
from ..options.plan import RunPlan
from .base import LINK, READ_MODEL, Json
from .external import ExternalEnvironment

__all__ = ["TopologyEnvironment"]

_SEAM_LINKS = {Seam.REPLICATION: LINK, Seam.READ_MODEL: READ_MODEL}


class TopologyEnvironment(ExternalEnvironment):
    """A provider whose parts the contract describes; it is started for the run if the topology says how."""

    ready: Callable[[tuple[str, int]], bool] = staticmethod(accepts)
    """Whether what listens at an address serves."""
    _system: ProviderSystem | None = None
    _variables: Mapping[str, str] = {}
    """What commands are told besides the links."""

    def __init__(self, plan: RunPlan) -> None:
        topology = plan.contract.contract.topology
        assert topology is not None
        self._topology: TopologySpec = topology
        super().__init__(plan)
        self.seams |= {seam for seam in _SEAM_LINKS if topology.link_that_carries(seam) is not None}
        nodes = [topology.nodes.get(name) for name in self._addresses]
        if all(node is not None and node.can_crash for node in nodes):
            self.seams |= {Seam.PROCESS}
        if topology.failover is not None:
            self.seams |= {Seam.DATABASE}

    def _named_addresses(self) -> dict[str, str]:
        contract = self._plan.contract.contract
        return dict(contract.nodes) or {next(iter(self._topology.nodes), "a"): self._plan.target}

    def _hosts_started(self) -> list[str]:
        """Return the hosts that the topology starts beside the nodes."""
        return [name for name in self._plan.contract.contract.hosts if name in self._topology.nodes]

    def _start(self, run: RunDir) -> None:
        links = {name: self._open_link(name, link) for name, link in self._topology.links.items()}
        self._system = ProviderSystem(
            self._topology,
            {name: self._upstreams[name] for name in (*self._addresses, *self._hosts_started())},
            links,
            self.contract_folder,
            run,
            RealClock(),
            self._dispatch,
            variables=self._variables,
            ready=type(self).ready,
        )
        self._system.start()
        super()._start(run)

    def _listens_at(self, name: str, link: LinkSpec) -> LinkAddress:
        """Return where a link listens, with port 0 for any. Raises ``EnvironmentFailed``."""
        listen = LinkAddress("127.0.0.1", 0) if link.listen is None else link_address(link.listen)
        if not is_loopback(listen.host):
            raise EnvironmentFailed(
                f"topology.links.{name}.listen: {link.listen} is no loopback address.\n"
                "  expected: an address such as 127.0.0.1:15432"
            )
        return listen

    def _open_link(self, name: str, link: LinkSpec) -> LinkAddress:
        to, listen = link_address(link.to), self._listens_at(name, link)
        try:
            opened = self.links.open_link(_SEAM_LINKS[Seam(link.carries)], to.host, to.port, listen=listen)
        except EnvironmentFailed as error:
            raise EnvironmentFailed(
                f"topology.links.{name} cannot listen at {link.listen or 'a port'}: {error}"
            ) from error
        return LinkAddress(*opened)

    def reference(self, do: str, /, **arguments: Any) -> Json:
        assert self._system is not None
        return self._system.control(do, **arguments)

    def reset_as(self, flaw: str) -> None:
        if flaw or self._system is None:
            super().reset_as(flaw)
        elif self.spent:
            self._system.restart()
            self.spent = False

    def death(self) -> str:
        return super().death() or (self._system.death() if self._system is not None else "")

    def _ends(self) -> list[Callable[[], None]]:
        system = self._system
        return super()._ends() + ([system.stop] if system is not None else [])
