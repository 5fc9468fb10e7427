"""Start a provider for the run: the reference provider, as processes or in containers, or a contract's emulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...chaos.faults import Seam
from ...host.child_process import ChildProcess
from ...host.free_port import free_port
from ...host.run_dir import RunDir
from ...providers.service.behavior import ProviderBehavior
from .base import EDGE, EVERYWHERE, LINK, READ_MODEL, BaseEnvironment, Json

__all__ = ["MANAGED", "DockerEnvironment", "EmulatorEnvironment", "ReferenceEnvironment"]

_PATIENCE_S = 120


class _ManagedEnvironment(BaseEnvironment):
    """A reference provider that is started for the run and told what to do through a child process."""

    fresh = True
    program = ""
    """The child's module."""
    end_within_s = 8.0
    _child: ChildProcess | None = None

    def _launch(self, run: RunDir, **arguments: Any) -> Json:
        """Start it and put the gateway in front of its nodes; return what it told of itself."""
        self._child = ChildProcess.start(self.program, run=run, name="reference", on_event=self._dispatch)
        started: Json = self._child.call(
            "start",
            timeout_s=_PATIENCE_S,
            run_dir=str(run.path),
            seed=self._plan.seed,
            flaw=self._plan.flaw or None,
            **self._conduct(),
            **arguments,
        )
        ports: dict[str, int] = started["nodes"]
        self.nodes = tuple(ports)
        upstreams = {name: ("127.0.0.1", port) for name, port in ports.items()}
        first = next(iter(upstreams.values()))
        hosts = {name: first for name in self._plan.contract.contract.hosts if name not in upstreams}
        self._open_edge(upstreams | hosts)
        self.direct_url = f"http://127.0.0.1:{next(iter(ports.values()))}"
        return started

    def _conduct(self) -> Json:
        """How the provider is to speak and behave, beside its flaw; empty: as the reference provider does."""
        triggers = self._plan.contract.codec.promises.triggers
        return {"behavior": ProviderBehavior(triggers=triggers).to_json()} if triggers else {}

    def reset_as(self, flaw: str) -> None:
        wants = {"read_model": True} if self.read_model else {}
        self.reference("reset_as", flaw=flaw or None, seed=self._plan.seed, **wants, **self._conduct())
        self.chaos.forget_orders(EDGE)
        self.spent = False

    def reference(self, do: str, /, **arguments: Any) -> Json:
        assert self._child is not None
        return self._child.call(do, timeout_s=30, **arguments)

    def death(self) -> str:
        return super().death() or (self._child.death() if self._child is not None else "")

    def _ends(self) -> list[Callable[[], None]]:
        child = self._child
        return super()._ends() + ([lambda: child.stop(timeout_s=self.end_within_s)] if child is not None else [])


class ReferenceEnvironment(_ManagedEnvironment):
    """The reference provider over a real primary and standby, as processes of this machine."""

    seams = EVERYWHERE | {"nodes", "replication", "read-model", "channel", "process", "setting", "clock", "database"}
    program = "ackord.providers.reference"

    def _start(self, run: RunDir) -> None:
        primary_port = free_port()
        _, link_port = self.links.open_link(LINK, "127.0.0.1", primary_port)
        _, read_model_port = self.links.open_link(READ_MODEL, "127.0.0.1", primary_port)
        self.read_model = any(Seam.READ_MODEL in profile.needs() for profile in self._plan.profiles[:1])
        started = self._launch(
            run,
            primary_port=primary_port,
            link_port=link_port,
            read_model_port=read_model_port,
            read_model=self.read_model,
            bin_dir=self._plan.options.postgres_bin or None,
        )
        self.description = self._words(started["postgres_version"])
        if self._plan.flaw:
            self.description += f", {self._plan.flaw}"

    def _words(self, version: str) -> str:
        return f"reference provider (PostgreSQL {version})"


class EmulatorEnvironment(ReferenceEnvironment):
    """Serve the plan's contract by the reference provider, which keeps exactly the contract's promises."""

    def _conduct(self) -> Json:
        contract = self._plan.contract
        return {
            "behavior": ProviderBehavior.promised(contract.codec.promises).to_json(),
            "front": {"contract": str(contract.path.resolve()), "callbacks": self.callback_url or ""},
        }

    def _words(self, version: str) -> str:
        return f"emulator of {self._plan.contract.contract.provider} (PostgreSQL {version})"


class DockerEnvironment(_ManagedEnvironment):
    """The reference provider in containers on their own network: nodes, primary, standby, and Toxiproxy between."""

    seams = EVERYWHERE | {"nodes", "replication", "channel", "process", "setting", "clock", "database", "network"}
    program = "ackord.providers.containers"
    end_within_s = 60.0

    def _start(self, run: RunDir) -> None:
        started = self._launch(run)
        from ...chaos.toxiproxy.toxiproxy_engine import ToxiproxyEngine

        engine = ToxiproxyEngine.connect(started["link"]["admin"], run)
        engine.adopt(LINK, started["link"]["proxy"])
        self.replication = engine
        self.description = (
            f"reference provider in containers (PostgreSQL {started['postgres_version']}, {started['engine']})"
        )
        if self._plan.flaw:
            self.description += f", {self._plan.flaw}"


MANAGED: dict[str, type[_ManagedEnvironment]] = {
    "reference": ReferenceEnvironment,
    "emulator": EmulatorEnvironment,
    "docker": DockerEnvironment,
}
"""The targets that are no address."""
