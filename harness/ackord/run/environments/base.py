"""Define the environment of a run: the chaos process and a provider behind it. Only this module wires them together.

    merchant ── edge (gateway) ── provider nodes A, B ── PostgreSQL primary ─┬─ link ── standby
                                                                             └─ link ── read model, if one is wanted

Everything is started for the run in its own folder, and ended with it, however it ends (``ackord.host.run_dir``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ...chaos.chaos_process import ChaosProcess, ProxyPort
from ...chaos.links.link_engine import LinkEngine
from ...chaos.toxiproxy.embedded_engine import EmbeddedEngine
from ...client.pacing import Pace
from ...contract.base.http_messages import HttpRequest, HttpResponse
from ...contract.signing import CertificateFiles
from ...contract.spec.hooks import Hook
from ...core.clock import RealClock
from ...errors import UsageError
from ...host.run_dir import RunDir
from ...record.request_reading import headers_with_variables
from ...workload.order_allowance import OrderAllowance
from ..options.hook_guard import hooks_are_allowed
from ..options.plan import START, RunPlan
from .callback_edge import CallbackEdge
from .callback_gate import CallbackGate
from .merchant_access import MerchantAccess, open_access
from .unknown_order import ask_for_unknown_order

if TYPE_CHECKING:
    from ...client.callback_listener import CallbackHandler

__all__ = [
    "EDGE",
    "EVERYWHERE",
    "LINK",
    "READ_MODEL",
    "WIRE",
    "BaseEnvironment",
    "Environment",
    "Json",
    "Observer",
]

EDGE = "merchant"
"""The name of the gateway's edge."""
LINK = "replication"
"""The name of the link between primary and standby."""
READ_MODEL = "read-model"
"""The name of the link over which the orders alone are copied, where a read model can be fed."""
WIRE = "wire"
"""The name of the link in front of the gateway, if a profile needs one."""

Json = dict[str, Any]
_MOST_REFUSED = 100


def _nobody_listens(request: HttpRequest) -> HttpResponse:
    """What a callback is answered between two runs: it may come again."""
    return HttpResponse(503, {}, b"")


class Observer(NamedTuple):
    """Who is told what happens in an environment. Both are called in threads other than the observer's."""

    on_event: Callable[[Json], None] = lambda event: None
    """Takes events of the chaos process and of the provider."""
    on_call: CallbackHandler = _nobody_listens
    """Answers the provider's callbacks."""


EVERYWHERE = frozenset({"edge", "wire"})
"""Seams that every target has, because they are ours."""


class Environment(Protocol):
    """What a session needs of its surroundings."""

    chaos: ChaosProcess
    seams: frozenset[str]
    nodes: tuple[str, ...]
    declared_nodes: tuple[str, ...]
    """Nodes of the provider that its contract declares: one that is never asked is not judged."""
    edge_url: str
    """Where the merchant sends to: the gateway."""
    access: MerchantAccess
    """How a merchant's own client reaches the gateway."""
    refused_hosts: list[str]
    """What a merchant's client asked the proxy for that it does not lead to."""
    links: LinkEngine
    """What makes links on this machine."""
    replication: LinkEngine
    """What the link between primary and standby belongs to; where there is one."""
    direct_url: str
    """The provider itself, for the ledger."""
    certificate: CertificateFiles | None
    """What the provider is shown when a connection to it is made; ``None``: nothing."""
    host: str
    """What requests call the provider (``Host``), where it is not this machine; empty: what they are sent to."""
    description: str
    """The provider in words."""
    fresh: bool
    """Whether the provider was started for this run, so that numbers may repeat from run to run."""
    order_allowance: OrderAllowance | None
    """How many orders all profiles together may submit; ``None``: each may submit as many as the contract allows."""
    pace: Pace | None
    """What all requests to the provider wait for; ``None``: nothing."""
    spent: bool
    """Whether a fault used it up, such as a primary that was killed for good; ``reset_as`` makes it whole again."""
    numbers: set[str]
    """Order numbers that the session's runs have dealt so far."""
    read_model: bool
    """Whether a read model is fed whatever the variant; set, it counts from the next ``reset_as`` on."""
    run: RunDir
    hooks: Mapping[str, Hook]
    """What the contract says of how the provider's surroundings can be disturbed; empty if that is not allowed."""
    contract_folder: Path
    callback_url: str | None
    """Where the provider's callbacks are taken; ``None``: the contract knows none."""
    callback_edge: CallbackEdge | None
    """What passes callbacks on to a merchant under drill; ``None``: nobody does."""
    callback_gate: CallbackGate | None
    """What may refuse callbacks to Ackord's own merchant, in the run that is under way."""

    def observed_by(self, observer: Observer) -> AbstractContextManager[None]:
        """Report to ``observer`` as long as the context is entered."""
        ...

    def url_of_host(self, host: str) -> str:
        """Return the provider's address itself, or that of one of the contract's ``hosts``, past the gateway."""
        ...

    def connect_url(self, url: str) -> str:
        """Return where to connect to for an address of the provider: by number where its name was allowed."""
        ...

    def host_header(self, url: str) -> str:
        """Return what a request calls the host that ``connect_url`` returned; empty: what the address says."""
        ...

    async def show_not_found(self) -> None:
        """Let the gateway know how the provider says that it has no such order."""
        ...

    def reference(self, do: str, /, **arguments: Any) -> Json:
        """Ask the reference provider's control. Raises ``UsageError`` where there is none."""
        ...

    def death(self) -> str:
        """Say which part of the surroundings ended although the run did not end it, and when; empty: none did."""
        ...

    def wire_url(self) -> str:
        """Where the merchant sends to when bytes are to be disturbed: a link in front of the gateway."""
        ...

    def reset_as(self, flaw: str) -> None:
        """Restart the reference provider with no data, as a flaw, as a variant or as itself.

        Raises ``UnknownNameError``, ``EnvironmentFailed``.
        """
        ...

    def __enter__(self) -> Environment: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class BaseEnvironment:
    """What all environments do alike."""

    seams: frozenset[str]
    description = ""
    fresh = False
    order_allowance: OrderAllowance | None = None
    pace: Pace | None = None
    spent = False
    read_model = False
    nodes: tuple[str, ...] = ()
    declared_nodes: tuple[str, ...] = ()
    edge_url = ""
    direct_url = ""
    host = ""
    certificate: CertificateFiles | None = None
    access: MerchantAccess
    links: LinkEngine
    replication: LinkEngine
    callback_url: str | None = None
    callback_edge: CallbackEdge | None = None
    callback_gate: CallbackGate | None = None
    _edge: ProxyPort
    _wire_url = ""
    _death = ""

    def __init__(self, plan: RunPlan) -> None:
        self._plan = plan
        allowed = hooks_are_allowed(plan.contract, allow_hooks=plan.options.allow_hooks)
        self.hooks: Mapping[str, Hook] = plan.contract.contract.hooks if allowed else {}
        self.contract_folder = plan.contract.path.resolve().parent
        if self.hooks:
            self.seams |= {"hook"}
        if plan.contract.contract.callbacks:
            self.seams |= {"callback"}
        self.numbers: set[str] = set()
        self.refused_hosts: list[str] = []
        self._observers: tuple[Observer, ...] = ()
        self._listening = ExitStack()

    def __repr__(self) -> str:
        return f"<{self.description or self._plan.target}>"

    def _listen(self) -> None:
        """Take callbacks, if the contract knows any. Raises ``EnvironmentFailed``."""
        if self._plan.contract.contract.callbacks:
            from ...client.callback_listener import listen  # its server is not imported where no callback is expected

            taking = listen(self._answer_callback, self._plan.options.callback_port)
            self.callback_url = self._listening.enter_context(taking)

    def death(self) -> str:
        return self._death or self.chaos.child.death()

    def _dispatch(self, event: Json) -> None:
        if event["event"] == "part-died":
            self._death = self._death or str(event["part"])
            return
        if event["event"] == "proxy-refused" and len(self.refused_hosts) < _MOST_REFUSED:
            self.refused_hosts.append(f"{event['target'] or 'a request'}: {event['problem']}")
        for observer in self._observers:
            observer.on_event(event)

    def _answer_callback(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        observers = self._observers
        return observers[-1].on_call(request) if observers else _nobody_listens(request)

    @contextmanager
    def observed_by(self, observer: Observer) -> Iterator[None]:
        """Report to ``observer`` as long as the context is entered. Of several the last one takes callbacks."""
        self._observers += (observer,)
        try:
            yield
        finally:
            self._observers = tuple(other for other in self._observers if other is not observer)

    def _open_edge(self, upstreams: dict[str, tuple[str, int]], **settings: Any) -> None:
        contract = self._plan.contract.contract
        if contract.query.rows is not None:  # a list may be long, and one that is cut off proves nothing
            settings["record_body_bytes"] = contract.limits.answer_bytes
        settings["record_headers"] = self._plan.contract.codec.answer_headers
        settings["record_request_headers"] = [*self._plan.contract.codec.request_headers]
        if self._plan.own_clients:
            settings["record_request_headers"] = [
                *settings["record_request_headers"],
                *headers_with_variables(self._plan.contract),
            ]
            # By it the gateway recognises other clients' requests, and makes up answers in the provider's words.
            path = self._plan.contract.path.resolve()
            settings["contract"] = {"path": str(path), "emulated": self._plan.target == "emulator"}
        settings["acknowledgement"] = self._plan.contract.codec.acknowledgement()
        self._edge = self.chaos.open_edge(EDGE, upstreams, port=self._plan.options.port, **settings)
        self.edge_url = self._edge.url
        self.access = open_access(self.chaos, self._edge, self.run, self._plan.options, RealClock.unix_s())

    def _open_links(self, run: RunDir) -> LinkEngine:
        """The engine that the plan asks for."""
        where = self._plan.options.toxiproxy
        if not where:
            return EmbeddedEngine(self.chaos, self._plan.seed)
        # It needs a third of a second of imports that the embedded engine does not.
        from ...chaos.toxiproxy.toxiproxy_engine import ToxiproxyEngine

        if "://" in where:
            return ToxiproxyEngine.connect(where, run)
        return ToxiproxyEngine.start(run, "" if where == START else where)

    async def show_not_found(self) -> None:
        """Let the gateway know how the provider says that it has no such order, by asking it for one.

        Without a genuine answer of that meaning the gateway says it as the contract does.
        """
        if self._plan.own_clients and (example := await ask_for_unknown_order(self._plan, self)) is not None:
            await asyncio.to_thread(self.chaos.show_not_found, EDGE, example)

    def url_of_host(self, host: str) -> str:
        """All hosts are served at one address, where the provider is ours."""
        return self.direct_url

    def connect_url(self, url: str) -> str:
        return url.rstrip("/")

    def host_header(self, url: str) -> str:
        return ""

    def wire_url(self) -> str:
        """Opened once, when a profile first needs it: a link is one more hop for every byte."""
        if not self._wire_url:
            host, port = self.links.open_link(WIRE, "127.0.0.1", self._edge.port)
            self._wire_url = f"http://{host}:{port}"
        return self._wire_url

    def reset_as(self, flaw: str) -> None:
        """Raises ``UsageError``: a provider that we did not start is what it is."""
        raise UsageError(f"{self._plan.target} is not the reference provider: it cannot become {flaw or 'new'}")

    def __enter__(self) -> Any:
        self.run = RunDir.create()
        try:
            self._listen()
            self.chaos = ChaosProcess.start(self.run, self._dispatch)
            self.links = self.replication = self._open_links(self.run)
            self._start(self.run)
            if self._plan.options.toxiproxy:
                self.description += f", links by {self.links.description}"
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
        try:
            if ends := self._ends():
                with ThreadPoolExecutor(len(ends)) as pool:
                    list(pool.map(lambda end: end(), ends))
        finally:  # what one end raises keeps nothing else from being cleaned up
            self._listening.close()
            self.run.remove()
