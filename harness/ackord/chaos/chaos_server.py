"""Runs the chaos process: gateways in front of providers and links inside their data tier, controlled through its pipe.

Start it as ``python -m ackord.chaos.chaos_server``; the parent's side is ``chaos_process.ChaosProcess``. The process
ends when the pipe closes, which closes every port and connection, so no fault outlives its run.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import uvloop

from ..core.clock import RealClock
from ..errors import UnknownNameError, UsageError
from ..host.child_process import Handler, emit_block, serve
from .gateway.reverse_proxy import ProxySettings, ReverseProxy
from .links.kinds import toxic_from_json
from .links.link import Link
from .links.link_engine import LOOPBACK
from .timing.timer import FineTimer

Json = dict[str, Any]


class ChaosServer:
    """The edges and links of the process, by name."""

    def __init__(self, send: Callable[[bytes], None], now_ns: Callable[[], int]) -> None:
        self._send = send
        self._now_ns = now_ns
        self._timer = FineTimer(asyncio.get_running_loop(), now_ns)
        self._edges: dict[str, ReverseProxy] = {}
        self._links: dict[str, Link] = {}

    def handlers(self) -> dict[str, Handler]:
        return {
            "open_edge": self.open_edge,
            "set_rules": self.set_rules,
            "clear_rules": self.clear_rules,
            "show_not_found": self.show_not_found,
            "forget_orders": self.forget_orders,
            "open_tls": self.open_tls,
            "open_connect_proxy": self.open_connect_proxy,
            "called_back": self.called_back,
            "flush": self.flush,
            "drain": self.drain,
            "close_edge": self.close_edge,
            "open_link": self.open_link,
            "set_toxics": self.set_toxics,
            "set_cut": self.set_cut,
            "link_stats": self.link_stats,
            "close_link": self.close_link,
        }

    async def open_edge(
        self, name: str, upstreams: Mapping[str, Sequence[Any]], default_node: str = "rotate", **settings: Any
    ) -> Json:
        if name in self._edges:
            raise UsageError(f"an edge called {name!r} is open already")
        addresses = {node: (str(host), int(port)) for node, (host, port) in upstreams.items()}
        edge = ReverseProxy(
            ProxySettings(name, addresses, default_node, **settings), self._send, self._timer, self._now_ns
        )
        self._edges[name] = edge  # before it is open: requests run concurrently, and a name is given once
        try:
            return {"port": await edge.open()}
        except BaseException:
            del self._edges[name]
            raise

    def set_rules(self, edge: str, seed: int, rules: Sequence[Mapping[str, Any]]) -> None:
        self._edge(edge).set_rules(seed, rules)

    def clear_rules(self, edge: str) -> None:
        self._edge(edge).set_rules(0, [])

    def show_not_found(self, edge: str, example: Json) -> None:
        self._edge(edge).show_not_found(example)

    def forget_orders(self, edge: str) -> None:
        self._edge(edge).forget_orders()

    def called_back(self, edge: str, order: str, ordinal: int, end: bool) -> None:
        self._edge(edge).called_back(order, ordinal, end=end)

    def flush(self, edge: str) -> None:
        self._edge(edge).flush()

    async def open_tls(self, edge: str, merchant_tls: Json, port: int = 0) -> Json:
        return {"port": await self._edge(edge).open_tls(port, merchant_tls)}

    async def open_connect_proxy(self, edge: str, hosts: Sequence[str], merchant_tls: Json, port: int = 0) -> Json:
        return {"port": await self._edge(edge).open_connect_proxy(port, hosts, merchant_tls)}

    async def drain(self, edge: str, limit_ms: float = 10_000.0) -> Json:
        target = self._edge(edge)
        return {"drained": await target.drain(limit_ms), "in_flight": target.in_flight}

    async def close_edge(self, name: str) -> None:
        edge = self._edge(name)
        del self._edges[name]
        await edge.close()

    async def open_link(
        self, name: str, upstream: Sequence[Any], seed: int = 0, listen: Sequence[Any] = LOOPBACK
    ) -> Json:
        if name in self._links:
            raise UsageError(f"a link called {name!r} is open already")
        address = (str(upstream[0]), int(upstream[1]))
        link = Link(name, lambda: address, self._timer, self._now_ns, seed)
        self._links[name] = link
        try:
            return {"port": await link.open(str(listen[0]), int(listen[1]))}
        except BaseException:
            del self._links[name]
            raise

    async def set_toxics(self, name: str, toxics: Sequence[Json], seed: int | None = None) -> None:
        await self._link(name).set_toxics([toxic_from_json(toxic) for toxic in toxics], seed)

    def set_cut(self, name: str, cut: bool) -> None:
        self._link(name).set_cut(cut)

    def link_stats(self, name: str) -> Json:
        return self._link(name).stats()

    async def close_link(self, name: str) -> None:
        link = self._link(name)
        del self._links[name]
        await link.close()

    async def close(self) -> None:
        for edge in self._edges.values():
            await edge.close()
        for link in self._links.values():
            await link.close()
        self._timer.close()

    def _edge(self, name: str) -> ReverseProxy:
        try:
            return self._edges[name]
        except KeyError:
            raise UnknownNameError("edge", name, self._edges) from None

    def _link(self, name: str) -> Link:
        try:
            return self._links[name]
        except KeyError:
            raise UnknownNameError("link", name, self._links) from None


async def _main() -> None:
    # Reference counts free the objects of an exchange, so the collector need not search for cycles every 700 objects.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    server = ChaosServer(emit_block, RealClock.now_ns)
    try:
        await serve(server.handlers())
    finally:
        await server.close()


if __name__ == "__main__":
    uvloop.run(_main())
