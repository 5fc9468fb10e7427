"""What surrounds a run: the chaos process, and a provider behind it. The only place that knows how the parts are wired together.

    merchant ── edge (gateway) ── provider nodes A, B ── PostgreSQL primary ── link ── standby

Everything is started for the run, in a folder of its own, and ended with it, however it ends (see ``ackord.host.rundir``).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import urlsplit

from ..chaos.control import ChaosProcess, EdgePort
from ..chaos.links.engine import LinkEngine
from ..chaos.toxics.embedded import EmbeddedEngine
from ..contract.hooks import Hook
from ..errors import EnvironmentFailed, UsageError
from ..host.child import Child
from ..host.rundir import RunDir
from .plan import START, Plan

__all__ = ["EDGE", "LINK", "WIRE", "Environment", "ReferenceEnvironment", "UrlEnvironment", "open_environment"]

EDGE = "merchant"
"""The name of the gateway's edge."""
LINK = "replication"
"""The name of the link between primary and standby."""
WIRE = "wire"
"""The name of the link in front of the gateway, if a profile needs one."""

Json = dict[str, Any]

_EVERYWHERE = frozenset({"edge", "wire"})
"""Seams that every target has, because they are ours."""
_PATIENCE_S = 120


class Environment(Protocol):
    """What a session needs of its surroundings."""

    chaos: ChaosProcess
    seams: frozenset[str]
    nodes: tuple[str, ...]
    edge_url: str
    """Where the merchant sends to: the gateway."""
    links: LinkEngine
    """What makes links on this machine."""
    replication: LinkEngine
    """What the link between primary and standby belongs to; where there is one."""
    direct_url: str
    """The provider itself, for the ledger."""
    words: str
    """The provider in words."""
    fresh: bool
    """Whether the provider was started for this run, so that numbers may repeat from run to run."""
    spent: bool
    """Whether a fault used it up, such as a primary that was killed for good; ``become`` makes it whole again."""
    run: RunDir
    hooks: Mapping[str, Hook]
    """What the contract says of how the provider's surroundings can be disturbed."""
    contract_folder: Path
    on_event: Callable[[Json], None]
    """Where events of the chaos process and of the provider go; a session sets it."""

    def reference(self, do: str, /, **arguments: Any) -> Json:
        """Ask the reference provider's control. Raises ``UsageError`` where there is none."""
        ...

    def wire_url(self) -> str:
        """Where the merchant sends to when bytes are to be disturbed: a link in front of the gateway."""
        ...

    def become(self, flaw: str) -> None:
        """Start the reference provider over, as a flaw or variant or as itself, with nothing in it. Raises ``UnknownNameError``, ``EnvironmentFailed``."""
        ...

    def __enter__(self) -> Environment: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _Base:
    seams: frozenset[str]
    words = ""
    fresh = False
    spent = False
    nodes: tuple[str, ...] = ()
    edge_url = ""
    direct_url = ""
    links: LinkEngine
    replication: LinkEngine
    _edge: EdgePort
    _wire_url = ""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.hooks: Mapping[str, Hook] = plan.contract.contract.hooks
        self.contract_folder = plan.contract.path.resolve().parent
        if self.hooks:
            self.seams |= {"hook"}
        self.on_event: Callable[[Json], None] = lambda event: None

    def _dispatch(self, event: Json) -> None:
        self.on_event(event)

    def _open_edge(self, upstreams: dict[str, tuple[str, int]], **settings: Any) -> None:
        self._edge = self.chaos.open_edge(EDGE, upstreams, **settings)
        self.edge_url = self._edge.url

    def _open_links(self, run: RunDir) -> LinkEngine:
        """The engine that the plan asks for."""
        where = self._plan.toxiproxy
        if not where:
            return EmbeddedEngine(self.chaos, self._plan.seed)
        # It needs a third of a second of imports that the embedded engine does not.
        from ..chaos.toxics.toxiproxy import ToxiproxyEngine

        if "://" in where:
            return ToxiproxyEngine.connect(where, run)
        return ToxiproxyEngine.start(run, "" if where == START else where)

    def wire_url(self) -> str:
        """Opened once, when a profile first needs it: a link is one more hop for every byte."""
        if not self._wire_url:
            host, port = self.links.open_link(WIRE, "127.0.0.1", self._edge.port)
            self._wire_url = f"http://{host}:{port}"
        return self._wire_url

    def become(self, flaw: str) -> None:
        """Raises ``UsageError``: a provider that we did not start is what it is."""
        raise UsageError(f"{self._plan.target} is not the reference provider: it cannot become {flaw or 'new'}")

    def __enter__(self) -> Any:
        self.run = RunDir.create()
        try:
            self.chaos = ChaosProcess.start(self.run, self._dispatch)
            self.links = self.replication = self._open_links(self.run)
            self._start(self.run)
            if self._plan.toxiproxy:
                self.words += f", links by {self.links.words}"
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self, run: RunDir) -> None:
        raise NotImplementedError

    def _ends(self) -> list[Callable[[], None]]:
        """What is to be called at the end; side by side, for each takes a while."""
        return [self.chaos.stop] if hasattr(self, "chaos") else []

    def _stop(self) -> None:
        if hasattr(self, "links"):
            self.links.stop()
        ends = self._ends()
        if ends:
            with ThreadPoolExecutor(len(ends)) as pool:
                list(pool.map(lambda end: end(), ends))
        self.run.remove()


class _ManagedEnvironment(_Base):
    """A reference provider that is started for the run and told what to do through a child process."""

    fresh = True
    program = ""
    """The child's module."""
    end_within_s = 8.0
    _child: Child | None = None

    def _launch(self, run: RunDir, **arguments: Any) -> Json:
        """Start it and put the gateway in front of its nodes; return what it told of itself."""
        self._child = Child.start(self.program, run=run, name="reference", on_event=self._dispatch)
        started: Json = self._child.call(
            "start",
            timeout_s=_PATIENCE_S,
            run_dir=str(run.path),
            seed=self._plan.seed,
            flaw=self._plan.flaw or None,
            **arguments,
        )
        ports: dict[str, int] = started["nodes"]
        self.nodes = tuple(ports)
        self._open_edge({name: ("127.0.0.1", port) for name, port in ports.items()})
        self.direct_url = f"http://127.0.0.1:{next(iter(ports.values()))}"
        return started

    def become(self, flaw: str) -> None:
        self.reference("become", flaw=flaw or None, seed=self._plan.seed)
        self.spent = False

    def reference(self, do: str, /, **arguments: Any) -> Json:
        assert self._child is not None
        return self._child.call(do, timeout_s=30, **arguments)

    def _ends(self) -> list[Callable[[], None]]:
        child = self._child
        return super()._ends() + ([lambda: child.stop(timeout_s=self.end_within_s)] if child is not None else [])


class ReferenceEnvironment(_ManagedEnvironment):
    """The reference provider over a real primary and standby, as processes of this machine."""

    seams = _EVERYWHERE | {"nodes", "replication", "channel", "process", "setting", "database"}
    program = "ackord.provider.reference"

    def _start(self, run: RunDir) -> None:
        primary_port = _free_port()
        _, link_port = self.links.open_link(LINK, "127.0.0.1", primary_port)
        started = self._launch(
            run, primary_port=primary_port, link_port=link_port, bin_dir=self._plan.postgres_bin or None
        )
        self.words = f"reference provider (PostgreSQL {started['postgres_version']})"
        if self._plan.flaw:
            self.words += f", {self._plan.flaw}"


class DockerEnvironment(_ManagedEnvironment):
    """The same in containers: a node each, primary, standby, and a Toxiproxy between them, on a network of their own."""

    seams = _EVERYWHERE | {"nodes", "replication", "channel", "process", "setting", "database", "network"}
    program = "ackord.provider.container"
    end_within_s = 60.0

    def _start(self, run: RunDir) -> None:
        started = self._launch(run)
        from ..chaos.toxics.toxiproxy import ToxiproxyEngine

        engine = ToxiproxyEngine.connect(started["link"]["admin"], run)
        engine.adopt(LINK, started["link"]["proxy"])
        self.replication = engine
        self.words = f"reference provider in containers (PostgreSQL {started['postgres_version']}, {started['engine']})"
        if self._plan.flaw:
            self.words += f", {self._plan.flaw}"


class UrlEnvironment(_Base):
    """A provider that is already running, at an address."""

    seams = _EVERYWHERE

    def __init__(self, plan: Plan) -> None:
        """Raises ``UsageError`` for an address that is refused."""
        super().__init__(plan)
        contract = plan.contract.contract
        given = contract.nodes if plan.target in (contract.base_url, *contract.nodes.values()) else {}
        self._addresses = {"A": plan.target} if len(given) < 2 else given
        self._upstreams, self._tls = _upstreams({**self._addresses, **contract.planes})
        if len(self._addresses) > 1:
            self.seams |= {"nodes"}

    def _start(self, run: RunDir) -> None:
        for name, (host, port) in self._upstreams.items():
            try:
                socket.create_connection((host, port), timeout=3).close()
            except OSError as error:
                url = self._addresses.get(name) or self._plan.contract.contract.planes[name]
                raise EnvironmentFailed(
                    f"the provider at {url} cannot be reached: {error.strerror or error}.\n"
                    "  mend: start it, or give its address with --target"
                ) from error
        tls = None if self._tls is None else {**self._tls, "ca": self._plan.ca}
        self._open_edge(self._upstreams, upstream_tls=tls)
        self.nodes = tuple(self._addresses)
        self.direct_url = self._plan.target.rstrip("/")
        self.words = f"{self._plan.contract.contract.provider} at {self._plan.target}"

    def reference(self, do: str, /, **arguments: Any) -> Json:
        raise UsageError(f"{self._plan.target} is not the reference provider: it cannot be told to {do}")


MANAGED: dict[str, type[_ManagedEnvironment]] = {"reference": ReferenceEnvironment, "docker": DockerEnvironment}
"""The targets that are no address."""


def open_environment(plan: Plan) -> Environment:
    """The surroundings that a plan asks for, not yet started. Raises ``UsageError`` for a target that is refused."""
    if plan.target in MANAGED:
        return MANAGED[plan.target](plan)
    if plan.flaw:
        raise UsageError(
            "--flaw is for the reference provider, as processes or in containers; it has no meaning for a provider at an address"
        )
    return UrlEnvironment(plan)


def _upstreams(addresses: Mapping[str, str]) -> tuple[dict[str, tuple[str, int]], dict[str, str] | None]:
    """Hosts and ports by name, and how TLS to all of them is verified. Raises ``UsageError``."""
    found = {name: _loopback(url) for name, url in addresses.items()}
    settings = [tls for _, _, tls in found.values()]
    if any(tls != settings[0] for tls in settings):
        raise UsageError(
            f"the provider's addresses ({', '.join(addresses.values())}) differ in how TLS is spoken to them.\n"
            "  expected: all http, or all https with one name on the certificate"
        )
    return {name: (host, port) for name, (host, port, _) in found.items()}, settings[0]


def _loopback(url: str) -> tuple[str, int, dict[str, str] | None]:
    """Host and port of a loopback address, and how TLS to it is verified (``None``: plain HTTP); anything else is refused: this tool submits payments."""
    parts = urlsplit(url)
    mend = "  expected: reference, docker, or an address such as http://127.0.0.1:8080"
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise UsageError(f"--target {url}: only HTTP to a provider on this machine is driven by this version.\n{mend}")
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    try:
        local = ipaddress.ip_address(host).is_loopback
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        local, port = False, 0
    if not local:
        raise UsageError(
            f"--target {url}: this is not a loopback address. Ackord submits payments, and only to this machine in this version.\n{mend}"
        )
    return host, port, {"server_name": parts.hostname} if parts.scheme == "https" else None


def _free_port() -> int:
    """A port that is free now. PostgreSQL cannot choose one itself; should another take it meanwhile, it says which port it was."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
