"""Runs the embedded engine as a server (``ackord toxics serve``), a replacement for ``toxiproxy-server`` with seeded
draws.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
import uvloop

from ...core.clock import RealClock
from ...errors import EnvironmentFailed, FileError, UsageError
from ..links.listening import bound_socket
from ..timing.timer import FineTimer
from .addresses import AddressError, is_loopback, join, resolve
from .api import ToxicsApi
from .http_application import application, request_ids
from .proxies import Proxies

__all__ = ["ToxicsServerSettings", "http_config", "run_server"]

_BACKLOG = 1024
_GRACE_S = 1
_KEEP_ALIVE_S = 60
"""As Toxiproxy's server: clients keep connections for so long and are not prepared for a reset before."""


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
    metrics: bool = False
    """Whether ``/metrics`` is served."""


def run_server(
    settings: ToxicsServerSettings, announce: Callable[[str, list[str]], None], log: Callable[[str], None]
) -> None:
    """Serve until SIGTERM, or until SIGINT, which raises ``KeyboardInterrupt``; every port and connection is closed
    before.

    ``announce`` is called once the server answers, with its address and a line for each proxy; ``log`` with what no
    answer can say. Raises ``UsageError``, ``FileError``, ``EnvironmentFailed``, and what ``announce`` raises.
    """
    if uvloop.run(_serve(settings, announce, log)) is signal.SIGINT:
        raise KeyboardInterrupt


def http_config(api: ToxicsApi, log: Callable[[str], None]) -> uvicorn.Config:
    """Return how the interface is served."""
    return uvicorn.Config(
        application(api, request_ids(RealClock.now_ns), log),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )


async def _serve(
    settings: ToxicsServerSettings, announce: Callable[[str, list[str]], None], log: Callable[[str], None]
) -> signal.Signals | None:
    listener = await _listen(settings)
    timer = FineTimer(asyncio.get_running_loop(), RealClock.now_ns)
    proxies = Proxies(
        timer,
        RealClock.now_ns,
        seed=settings.seed,
        allow_remote=settings.allow_remote,
        log=log,
        metrics=settings.metrics,
    )
    try:
        api = ToxicsApi(proxies)
        if settings.config is not None:
            await _populate(api, settings.config, log)
        server = _ToxicsHttpServer(http_config(api, log))
        address = join(*listener.getsockname()[:2])
        proxy_lines = [f"{p.name}: {p.listen} -> {p.upstream}" for p in proxies.by_name.values()]
        server.started_callback = lambda: announce(f"http://{address}", proxy_lines)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.end, number)
        await server.serve(sockets=[listener])
    finally:
        await proxies.close()
        timer.close()
        listener.close()
    return server.ended_by


class _ToxicsHttpServer(uvicorn.Server):
    """Reports when it is up, and leaves signals to its caller, who handles them once everything is closed."""

    started_callback: Callable[[], None] = staticmethod(lambda: None)
    ended_by: signal.Signals | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.started_callback()

    def end(self, number: signal.Signals) -> None:
        self.ended_by = self.ended_by or number
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
    try:
        listener = bound_socket(host, port)
        listener.listen(_BACKLOG)
    except OSError as error:
        mend = "  mend: give another with --port (0: any that is free)" if error.errno == errno.EADDRINUSE else ""
        raise EnvironmentFailed(f"cannot listen on {where}: {error.strerror}.\n{mend}".rstrip("\n")) from None
    return listener


async def _populate(api: ToxicsApi, path: Path, log: Callable[[str], None]) -> None:
    try:
        body = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise FileError(path, None, f"cannot be read: {error.strerror}", mend="give the path of a JSON file") from None
    reply = await api.handle("POST", "/populate", body)
    for warning in reply.warnings:
        log(f"{path}: {warning}")
    if reply.status >= 500:
        raise EnvironmentFailed(
            f"a proxy of {path} cannot be made: {reply.error}.\n"
            "  mend: free the address that it listens on, or give it another in the file"
        )
    if reply.status != 201:
        raise FileError(
            path,
            None,
            reply.error,
            expected='a JSON list such as [{"name": "redis", "listen": "127.0.0.1:26379", "upstream": '
            '"127.0.0.1:6379"}]',
        )
