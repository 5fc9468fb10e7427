"""Drives the chaos process from its parent, with types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..host.child_process import ChildProcess
from ..host.run_dir import RunDir
from .gateway.exchange_record import unpack_records
from .links.kinds.base import Toxic
from .links.link_engine import LOOPBACK, LinkStats

__all__ = ["ChaosProcess", "LinkStats", "ProxyPort"]

Json = dict[str, Any]
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class ProxyPort:
    """An open edge: the address for clients."""

    name: str
    port: int
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


class ChaosProcess:
    """Gateways and links in a process of their own. Calls are safe from any thread and raise ``EnvironmentFailed``."""

    def __init__(self, child: ChildProcess) -> None:
        self.child = child

    @classmethod
    def start(cls, run: RunDir, on_event: Callable[[Json], None] | None = None, *, name: str = "chaos") -> ChaosProcess:
        """``on_event`` gets every ``exchange`` and ``fired`` event, in the reader's thread."""
        module = "ackord.chaos.chaos_server"
        return cls(ChildProcess.start(module, run=run, name=name, on_event=on_event, unpack=unpack_records))

    def open_edge(
        self, name: str, upstreams: Mapping[str, Address], *, default_node: str | None = None, **settings: Any
    ) -> ProxyPort:
        """Open a gateway in front of the nodes ``upstreams``.

        ``default_node``: the node of requests that name none, or ``rotate``; by default the first. ``settings``:
        ``record_body_bytes``, ``max_held_bytes``, ``hold_timeout_ms``, ``finish_timeout_ms`` (see
        ``gateway.proxy_state.ProxySettings``). Raises ``UsageError`` for a contract (``contract``) that cannot be read.
        """
        node = default_node if default_node is not None else next(iter(upstreams), "rotate")
        nodes = {key: list(address) for key, address in upstreams.items()}
        answer = self.child.call("open_edge", name=name, upstreams=nodes, default_node=node, **settings)
        return ProxyPort(name, answer["port"], "https" if settings.get("merchant_tls") else "http")

    def set_rules(self, edge: str, seed: int, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace all rules at once. An invalid rule is refused, and the present rules stay in force."""
        self.child.call("set_rules", edge=edge, seed=seed, rules=list(rules))

    def clear_rules(self, edge: str) -> None:
        self.child.call("clear_rules", edge=edge)

    def show_not_found(self, edge: str, example: Mapping[str, Any]) -> None:
        """Show how the provider answers a query of a number that nobody submitted: ``status``, ``headers``, ``body``,
        and the ``order_no`` and ``provider_id`` that were asked for.
        """
        self.child.call("show_not_found", edge=edge, example=dict(example))

    def forget_orders(self, edge: str) -> None:
        """Forget every order and answer, because the provider has no orders any more."""
        self.child.call("forget_orders", edge=edge)

    def called_back(self, edge: str, order: str, *, ordinal: int, end: bool) -> None:
        """Say that a callback about an order has reached the merchant, so that what waits for it is let go.

        ``ordinal``: of an order of the run's own clients, or 0. ``end``: the callback told how the order ended.
        """
        self.child.call("called_back", edge=edge, order=order, ordinal=ordinal, end=end)

    def flush(self, edge: str) -> None:
        """Wait until ``on_event`` has every record of exchanges that are over at the provider's side."""
        self.child.call("flush", edge=edge)

    def open_tls(self, edge: str, cert: Path, key: Path, *, port: int = 0) -> ProxyPort:
        """Open one more port of the edge, for merchants that speak TLS. ``cert``, ``key``: PEM files."""
        merchant_tls = {"cert": str(cert), "key": str(key)}
        answer = self.child.call("open_tls", edge=edge, merchant_tls=merchant_tls, port=port)
        return ProxyPort(edge, answer["port"], "https")

    def open_connect_proxy(self, edge: str, hosts: Sequence[str], cert: Path, key: Path) -> ProxyPort:
        """Open an HTTP proxy that leads ``hosts`` into the edge and refuses all others; it tells ``proxy-refused``."""
        merchant_tls = {"cert": str(cert), "key": str(key)}
        answer = self.child.call("open_connect_proxy", edge=edge, hosts=list(hosts), merchant_tls=merchant_tls)
        return ProxyPort(edge, answer["port"])

    def drain(self, edge: str, *, limit_ms: float = 10_000.0) -> bool:
        """Wait until no exchange is in flight and ``on_event`` has every record. Return False if the limit passed."""
        answer = self.child.call("drain", edge=edge, limit_ms=limit_ms, timeout_s=limit_ms / 1000 + 15.0)
        return bool(answer["drained"])

    def close_edge(self, name: str) -> None:
        self.child.call("close_edge", name=name)

    def open_link(self, name: str, upstream: Address, *, seed: int = 0, listen: Address = LOOPBACK) -> int:
        """Open a TCP link to ``upstream``; return the port that it listens on. ``seed`` seeds the draws of its toxics.

        Raises ``EnvironmentFailed`` if ``listen``, a numeric host and a port (0: a free one), is taken.
        """
        port: int = self.child.call("open_link", name=name, upstream=list(upstream), seed=seed, listen=list(listen))[
            "port"
        ]
        return port

    def set_toxics(self, name: str, toxics: Sequence[Toxic], *, seed: int | None = None) -> None:
        """Replace all toxics of the link at once. ``seed`` seeds their draws from now on; by default it stays."""
        self.child.call("set_toxics", name=name, toxics=[toxic.as_json() for toxic in toxics], seed=seed)

    def set_cut(self, name: str, cut: bool) -> None:
        """Cut or restore the link. While it is cut no byte passes, neither side is notified, and nothing is lost."""
        self.child.call("set_cut", name=name, cut=cut)

    def link_stats(self, name: str) -> LinkStats:
        return LinkStats(**self.child.call("link_stats", name=name))

    def close_link(self, name: str) -> None:
        self.child.call("close_link", name=name)

    def stop(self) -> None:
        """End the process and with it every fault, port and connection. Safe to call twice."""
        self.child.stop()
