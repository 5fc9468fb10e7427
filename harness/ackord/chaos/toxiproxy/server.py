"""Runs the embedded engine as a server (``ackord toxics serve``), a replacement for ``toxiproxy-server`` with seeded
draws.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from ...core.clock import RealClock
from ...errors import EnvironmentFailed, FileError, UsageError
from ..timing.timer import FineTimer
from .addresses import AddressError, is_loopback, join, resolve
from .api import ApiReply, ToxicsApi
from .proxies import Proxies

__all__ = ["ToxicsServerSettings", "run_server"]

_MOST_BODY_BYTES = 4 << 20
_GRACE_S = 1


@dataclass(frozen=True, slots=True)
class ToxicsServerSettings:
    host: str = "127.0.0.1"
    port: int = 8474
    """0: any free port."""
    seed: int = 0
    config: Path | None = None
    """A JSON file of initial proxies, in the format of ``/populate``."""
    allow_remote: bool = False
    """Whether it, and its proxies, may listen where other machines can reach them."""


def run_server(settings: ToxicsServerSettings, announce: Callable[[str, list[str]], None]) -> None:
    """Serve until SIGINT or SIGTERM; then close every port and connection and raise ``KeyboardInterrupt``.

    ``announce`` is called once the server answers, with its address and a line for each proxy. Raises ``UsageError``,
    ``FileError`` and ``EnvironmentFailed``.
    """
    uvloop.run(_serve(settings, announce))


async def _serve(settings: ToxicsServerSettings, announce: Callable[[str, list[str]], None]) -> None:
    listener = await _listen(settings)
    timer = FineTimer(asyncio.get_running_loop(), RealClock.now_ns)
    proxies = Proxies(timer, RealClock.now_ns, seed=settings.seed, allow_remote=settings.allow_remote)
    try:
        api = ToxicsApi(proxies)
        if settings.config is not None:
            await _populate(api, settings.config)
        server = _ToxicsHttpServer(
            uvicorn.Config(
                _application(api),
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        address = join(*listener.getsockname()[:2])
        proxy_lines = [f"{p.name}: {p.listen} -> {p.upstream}" for p in proxies.by_name.values()]
        server.started_callback = lambda: announce(f"http://{address}", proxy_lines)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.end)
        await server.serve(sockets=[listener])
    finally:
        await proxies.close()
        timer.close()
        listener.close()
    raise KeyboardInterrupt


class _ToxicsHttpServer(uvicorn.Server):
    """Reports when it is up, and leaves signals to its caller, who handles them once everything is closed."""

    started_callback: Callable[[], None] = staticmethod(lambda: None)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.started_callback()

    def end(self) -> None:
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _listen(settings: ToxicsServerSettings) -> socket.socket:
    where = join(settings.host, settings.port)
    try:
        host, port = await resolve(where)
    except AddressError as error:
        raise UsageError(f"--host {settings.host} --port {settings.port}: {error}") from None
    if not settings.allow_remote and not is_loopback(host):
        raise UsageError(
            f"--host {settings.host}: this is not a loopback address; whoever reaches it can redirect connections "
            "through this machine.\n"
            "  expected: 127.0.0.1, or --allow-remote if that is what you want"
        )
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        mend = "  mend: give another with --port (0: any that is free)" if error.errno == errno.EADDRINUSE else ""
        raise EnvironmentFailed(f"cannot listen on {where}: {error.strerror}.\n{mend}".rstrip("\n")) from None
    return listener


async def _populate(api: ToxicsApi, path: Path) -> None:
    try:
        body = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise FileError(path, None, f"cannot be read: {error.strerror}", mend="give the path of a JSON file") from None
    reply = await api.handle("POST", "/populate", body)
    if reply.status != 201:
        raise FileError(
            path,
            None,
            reply.error,
            expected='a JSON list such as [{"name": "redis", "listen": "127.0.0.1:26379", "upstream": '
            '"127.0.0.1:6379"}]',
        )


def _application(api: ToxicsApi) -> Any:
    """Return the interface as an ASGI application."""

    async def application(
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        body = bytearray()
        more = True
        while more and len(body) <= _MOST_BODY_BYTES:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        agent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"user-agent"), "")
        if len(body) > _MOST_BODY_BYTES:
            reply = ApiReply(413, b"the body is too large\n", "text/plain; charset=utf-8")
        else:
            reply = await api.handle(scope["method"], scope["path"], bytes(body), agent)
        headers = [(b"content-type", reply.content_type.encode())] if reply.content_type else []
        if reply.status != 204:
            headers.append((b"content-length", str(len(reply.body)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    return application
