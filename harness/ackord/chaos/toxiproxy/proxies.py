"""Manages Toxiproxy's proxies over links of this process, by name: creates, replaces, enables and disables them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..links.kinds.base import STREAMS, Toxic
from ..links.link import Link
from ..links.listening import WILDCARDS
from ..timing.timer import FineTimer
from .addresses import AddressError, dial_address, dial_error, is_loopback, join, listen_error, resolve
from .byte_counts import ByteCounts, Labels

__all__ = ["ApiError", "Proxies", "Proxy", "ProxyWanted"]

_FREE_PORT = "127.0.0.1:0"


class ApiError(Exception):
    """A refused request: the text and the status of the answer."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class ProxyWanted:
    """A proxy as a request describes it."""

    name: str
    listen: str
    upstream: str
    enabled: bool = True
    toxics: tuple[Toxic, ...] = ()


class Proxy:
    """One proxy. The holder of its collection serialises changes."""

    def __init__(self, name: str, listen: str, upstream: str, owner: Proxies) -> None:
        self.name = name
        self.listen = listen
        self.upstream = upstream
        self.toxics: list[Toxic] = []
        self._owner = owner
        self._link: Link | None = None

    @property
    def enabled(self) -> bool:
        return self._link is not None and self._link.is_open

    async def start(self) -> None:
        """Listen if it does not yet. Raises ``ApiError``."""
        if self.enabled:
            return
        try:
            host, port = await resolve(self.listen or _FREE_PORT)
        except AddressError as error:
            raise ApiError(f"listen tcp: {error}", 500) from None
        if not self._owner.allow_remote and not is_loopback(host):
            raise ApiError(
                f"listen address {self.listen!r} is refused: it is not a loopback address. "
                "Expected such as 127.0.0.1:0, or a server that was started with --allow-remote",
                400,
            )
        link = Link(
            self.name,
            lambda: dial_address(self.upstream),
            self._owner.timer,
            self._owner.now_ns,
            self._owner.seed,
            numbers=self._owner.numbers_of(self.name),
            unreachable=self._unreachable,
        )
        await link.set_toxics(self.toxics)
        try:
            await link.open(host, port)
        except OSError as error:
            raise ApiError(listen_error(join(host, port), error), 500) from None
        assert link.address is not None
        self.listen = join(*link.address)
        self._link = link

    async def stop(self) -> None:
        """Close the port and drop every connection."""
        if self._link is not None:
            await self._link.close()
            if self._owner.counts is not None:
                for labels, received, sent in self.byte_counts():
                    self._owner.counts.add(labels, received, sent)
            self._link = None

    async def update(self, listen: str, upstream: str, enabled: bool) -> None:
        """Change the proxy. A change of an address drops all connections, as in Toxiproxy. Raises ``ApiError``."""
        if await self.differs(listen, upstream):
            await self.stop()
            self.listen, self.upstream = listen, upstream
        if enabled:
            await self.start()
        else:
            await self.stop()

    async def differs(self, listen: str, upstream: str) -> bool:
        """Return whether the proxy listens elsewhere or has another upstream."""
        try:
            host, port = await resolve(listen or _FREE_PORT)
        except AddressError as error:
            raise ApiError(str(error), 500) from None
        # Every address of the machine is shown as [::], whatever it was called when it was asked for.
        return join("::" if host in WILDCARDS else host, port) != self.listen or upstream != self.upstream

    async def set_toxics(self, toxics: Sequence[Toxic]) -> None:
        # Toxiproxy lists upstream toxics first, then downstream ones, each in order of creation.
        self.toxics = sorted(toxics, key=lambda toxic: toxic.stream == STREAMS[0])
        if self._link is not None:
            await self._link.set_toxics(self.toxics)

    def byte_counts(self) -> list[tuple[Labels, int, int]]:
        """Return the bytes received and sent since it listens, a direction at a time; empty if it does not."""
        link = self._link
        if link is None:
            return []
        return [
            ((stream, self.name, self.listen, self.upstream), link.received_bytes[stream], link.passed_bytes[stream])
            for stream in STREAMS
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "listen": self.listen,
            "upstream": self.upstream,
            "enabled": self.enabled,
            "toxics": [toxic.as_json() for toxic in self.toxics],
        }

    def _unreachable(self, client: str, error: Exception) -> None:
        self._owner.log(
            f"proxy {self.name}: no connection to its upstream for the client {client}: "
            f"{dial_error(self.upstream, error)}"
        )


class Proxies:
    """All proxies of a server. ``seed`` determines every draw of the toxics."""

    def __init__(
        self,
        timer: FineTimer,
        now_ns: Callable[[], int],
        *,
        seed: int,
        allow_remote: bool,
        log: Callable[[str], None] = lambda line: None,
        metrics: bool = False,
    ) -> None:
        """``log`` is told, in a line each, what no answer can say. ``metrics``: count the bytes of proxies that are
        gone too, which takes memory for each.
        """
        self.timer = timer
        self.now_ns = now_ns
        self.seed = seed
        self.allow_remote = allow_remote
        """Whether proxies may listen where other machines can reach them."""
        self.lock = asyncio.Lock()
        """Must be held during every change."""
        self.by_name: dict[str, Proxy] = {}
        self.log = log
        self.counts = ByteCounts() if metrics else None
        self._numbers: dict[str, Iterator[int]] = {}

    def get(self, name: str) -> Proxy:
        try:
            return self.by_name[name]
        except KeyError:
            raise ApiError("proxy not found", 404) from None

    def numbers_of(self, name: str) -> Iterator[int]:
        """Return the ordinals of the connections of all proxies that ever had this name.

        They go on where a proxy is enabled again, or made again, as tests do before each connection: with the first
        ordinal again, a toxicity of 0.5 would meet each of them alike.
        """
        return self._numbers.setdefault(name, itertools.count(1))

    async def add(self, wanted: ProxyWanted) -> Proxy:
        if wanted.name in self.by_name:
            raise ApiError("proxy already exists", 409)
        return await self._put(wanted)

    async def add_or_replace(self, wanted: ProxyWanted) -> Proxy:
        """Add a proxy or replace one. One with the same addresses stays unchanged, but for toxics that are wanted."""
        present = self.by_name.get(wanted.name)
        if present is not None:
            if not await present.differs(wanted.listen, wanted.upstream):
                if wanted.toxics:
                    await present.set_toxics(wanted.toxics)
                return present
            await present.stop()
        return await self._put(wanted)

    async def remove(self, name: str) -> None:
        await self.get(name).stop()
        del self.by_name[name]

    async def reset(self) -> None:
        """Enable every proxy and remove its toxics."""
        for proxy in self.by_name.values():
            await proxy.start()
            await proxy.set_toxics([])

    async def close(self) -> None:
        for proxy in self.by_name.values():
            await proxy.stop()

    async def _put(self, wanted: ProxyWanted) -> Proxy:
        proxy = Proxy(wanted.name, wanted.listen or _FREE_PORT, wanted.upstream, self)
        await proxy.set_toxics(wanted.toxics)
        if wanted.enabled:
            await proxy.start()
        self.by_name[wanted.name] = proxy
        return proxy
