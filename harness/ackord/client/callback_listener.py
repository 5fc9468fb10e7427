"""Receives callbacks: a small HTTP server in its own thread, which passes every request to a handler."""

from __future__ import annotations

import contextlib
import inspect
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator

import uvicorn

from ..contract.base.http_messages import HttpRequest, HttpResponse
from ..errors import EnvironmentFailed
from .asgi import application

__all__ = ["CallbackHandler", "listen"]

CallbackHandler = Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]
"""Called in the listener's thread; must not block for long. What it gives to wait for is waited for in the listener's
own loop.
"""


@contextlib.contextmanager
def listen(take: CallbackHandler, port: int = 0) -> Iterator[str]:
    """Listen while the context is entered; gives the address, such as ``http:

    127.0.0.1:43210``. Raises ``EnvironmentFailed`` for a port in use.
    """
    with socket.socket() as listening:
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(("127.0.0.1", port))
        except OSError as error:
            raise EnvironmentFailed(f"callbacks cannot be taken on port {port}: {error.strerror or error}") from None
        config = uvicorn.Config(
            application(_taking(take)),
            http="httptools",
            ws="none",
            lifespan="off",
            log_level="error",
            access_log=False,
            server_header=False,
            date_header=False,
        )
        server = _CallbackServer(config)
        thread = threading.Thread(target=server.run, args=([listening],), name="ackord-callbacks", daemon=True)
        thread.start()
        server.ready.wait()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


class _CallbackServer(uvicorn.Server):
    """A server that leaves the process's signals to the main thread."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()


def _taking(take: CallbackHandler) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
    async def handle(request: HttpRequest) -> HttpResponse:
        answer = take(request)
        return await answer if inspect.isawaitable(answer) else answer

    return handle
