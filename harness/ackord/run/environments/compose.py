"""Run a provider that a compose file describes: start its services, lead its links through ours, disturb its nodes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...contract.spec.topology import LinkAddress, LinkSpec
from ...host.run_dir import RunDir
from ...providers.topology.compose_system import ComposeSystem, bridge_address
from ...providers.topology.provider_system import answers_soon
from ..options.plan import RunPlan
from .topology import TopologyEnvironment

__all__ = ["ComposeEnvironment"]


class ComposeEnvironment(TopologyEnvironment):
    """A provider whose services are started for the run. Its addresses replace those of the contract."""

    ready = staticmethod(answers_soon)

    def __init__(self, plan: RunPlan) -> None:
        """Raises ``FileError`` for a file that cannot be used, ``EnvironmentFailed`` without Compose."""
        contract = plan.contract.contract
        system = ComposeSystem.read(Path(plan.target), nodes=contract.nodes, hosts=contract.hosts)
        nodes = system.urls(system.spec.nodes)
        placed = contract.model_copy(
            update={
                "base_url": None,
                "nodes": nodes,
                "hosts": system.urls(system.spec.hosts),
                "topology": system.topology(),
            }
        )
        first = next(iter(nodes.values()))
        super().__init__(replace(plan, target=first, contract=replace(plan.contract, contract=placed)))
        self._compose = system
        self._given = plan.target
        self.contract_folder = system.path.parent

    def _start(self, run: RunDir) -> None:
        project = f"ackord-{run.path.name}"
        self._variables = self._compose.variables(project, run.path / "compose.json")
        super()._start(run)
        self.description = f"{self._plan.contract.contract.provider} of {self._given}"

    def _listens_at(self, name: str, link: LinkSpec) -> LinkAddress:
        return LinkAddress(bridge_address(), 0)
