"""Manages Toxiproxy's proxies over links of this process, by name: creates, replaces, enables and disables them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from ..links.kinds.base import STREAMS, Toxic
from ..links.link import Link
from ..timing.timer import FineTimer
from .addresses import AddressError, is_loopback, join, listen_error, resolve, split

__all__ = ["ApiError", "Proxies", "Proxy"]

_FREE_PORT = "127.0.0.1:0"


class ApiError(Exception):
    """A refused request: the text and the status of the answer."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


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
        link = Link(self.name, split(self.upstream), self._owner.timer, self._owner.now_ns, self._owner.seed)
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
            self._link = None

    async def update(self, listen: str, upstream: str, enabled: bool) -> None:
        """Change the proxy. A change of an address drops all connections, as in Toxiproxy. Raises ``ApiError``."""
        if await self.differs(listen, upstream):
            _check_upstream(self.name, upstream)
            await self.stop()
            self.listen, self.upstream = listen, upstream
        if enabled:
            await self.start()
        else:
            await self.stop()

    async def differs(self, listen: str, upstream: str) -> bool:
        try:
            resolved = join(*await resolve(listen or _FREE_PORT))
        except AddressError as error:
            raise ApiError(str(error), 500) from None
        return resolved != self.listen or upstream != self.upstream

    async def set_toxics(self, toxics: Sequence[Toxic]) -> None:
        # Toxiproxy lists upstream toxics first, then downstream ones, each in order of creation.
        self.toxics = sorted(toxics, key=lambda toxic: toxic.stream == STREAMS[0])
        if self._link is not None:
            await self._link.set_toxics(self.toxics)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "listen": self.listen,
            "upstream": self.upstream,
            "enabled": self.enabled,
            "toxics": [toxic.as_json() for toxic in self.toxics],
        }


class Proxies:
    """All proxies of a server. ``seed`` determines every draw of the toxics."""

    def __init__(self, timer: FineTimer, now_ns: Callable[[], int], *, seed: int, allow_remote: bool) -> None:
        self.timer = timer
        self.now_ns = now_ns
        self.seed = seed
        self.allow_remote = allow_remote
        """Whether proxies may listen where other machines can reach them."""
        self.lock = asyncio.Lock()
        """Must be held during every change."""
        self.by_name: dict[str, Proxy] = {}

    def get(self, name: str) -> Proxy:
        try:
            return self.by_name[name]
        except KeyError:
            raise ApiError("proxy not found", 404) from None

    async def add(self, name: str, listen: str, upstream: str, enabled: bool) -> Proxy:
        if name in self.by_name:
            raise ApiError("proxy already exists", 409)
        return await self._put(name, listen, upstream, enabled)

    async def add_or_replace(self, name: str, listen: str, upstream: str, enabled: bool) -> Proxy:
        """Add a proxy or replace one; a proxy with the same addresses stays unchanged."""
        present = self.by_name.get(name)
        if present is not None:
            if not await present.differs(listen, upstream):
                return present
            await present.stop()
        return await self._put(name, listen, upstream, enabled)

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

    async def _put(self, name: str, listen: str, upstream: str, enabled: bool) -> Proxy:
        _check_upstream(name, upstream)
        proxy = Proxy(name, listen or _FREE_PORT, upstream, self)
        if enabled:
            await proxy.start()
        self.by_name[name] = proxy
        return proxy


def _check_upstream(proxy: str, upstream: str) -> None:
    try:
        host, port = split(upstream)
    except AddressError as error:
        problem = str(error)
    else:
        if host and port:
            return
        problem = f"address {upstream}: missing {'port' if host else 'host'} in address"
    raise ApiError(f"upstream of the proxy {proxy}: {problem}. Expected such as 127.0.0.1:6379", 400)
