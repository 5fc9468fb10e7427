"""Callbacks on their way to the merchant: at least once, and for each order in the order in which they were announced.

A callback that is not answered as the contract says is sent again, signed anew and a little later each time, and given
up after the last attempt; what was announced of the same order meanwhile waits. Nothing is ever sent to another
machine.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from ...chaos.toxiproxy.addresses import is_loopback
from ...client.transport import LeanTransport, NoResponse, Transport
from ...contract.base.http_messages import HttpRequest, TimestampNonce
from ...contract.emulate.callback_sender import OutgoingCallback
from ...core.clock import SECOND
from ...errors import UsageError
from ..service.bank_channel import BackgroundTasks

__all__ = ["PAUSES_S", "CallbackDeliveries", "require_loopback"]

PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Between one attempt and the next; there is one attempt more than pauses."""
_TIMEOUT_NS = 2 * SECOND
_ANSWER_BYTES = 1 << 16
_AT_ONCE = 32
"""Calls that are under way at the same time; what waits for its next attempt does not count."""

_Pause = Callable[[float], Awaitable[None]]
_Sign = Callable[[OutgoingCallback, TimestampNonce], HttpRequest]


def require_loopback(url: str) -> str:
    """Return the address without a slash at its end.

    Raises ``UsageError`` for an address that is not a loopback address, and for none at all.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if (
        parts.scheme != "http"
        or not (host == "localhost" or is_loopback(host))
        or parts.query
        or parts.fragment
        or parts.username is not None
    ):
        raise UsageError(
            f"callbacks cannot be sent to {url!r}: they stay on this machine.\n  expected: an address such as "
            f"http://127.0.0.1:8081/callbacks"
        )
    return url.rstrip("/")


class CallbackDeliveries:
    """Deliver all callbacks of one node."""

    def __init__(
        self,
        moments: Callable[[], TimestampNonce],
        connect: Callable[[str], Transport] | None = None,
        *,
        pause: _Pause = asyncio.sleep,
        sign: _Sign = OutgoingCallback.signed,
    ) -> None:
        """``moments``: a new one for each attempt; ``connect`` makes the client for an address; ``sign``: how each
        attempt is signed.
        """
        self._moments = moments
        self._connect = connect or (lambda address: LeanTransport(address, answer_bytes=_ANSWER_BYTES))
        self._pause = pause
        self._sign = sign
        self._clients: dict[str, Transport] = {}
        self._waiting: dict[str, deque[tuple[str, OutgoingCallback]]] = {}
        """By order; there is an entry as long as a task is delivering."""
        self._tasks = BackgroundTasks()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self.delivered = 0
        self.given_up = 0

    def send(self, about: str, address: str, calls: Iterable[OutgoingCallback]) -> None:
        """Deliver ``calls`` to ``address``, after whatever else is being delivered ``about`` the same order."""
        queued = [(address, call) for call in calls]
        if not queued:
            return
        if about in self._waiting:
            self._waiting[about].extend(queued)
            return
        self._waiting[about] = deque(queued)
        self._tasks.start(self._work_off(about))

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()

    async def _work_off(self, about: str) -> None:
        waiting = self._waiting[about]
        try:
            while waiting:
                address, call = waiting.popleft()
                if await self._deliver(self._client(address), call):
                    self.delivered += 1
                else:
                    self.given_up += 1
        finally:
            del self._waiting[about]

    async def _deliver(self, client: Transport, call: OutgoingCallback) -> bool:
        if await self._taken(client, call):
            return True
        for pause_s in PAUSES_S:
            await self._pause(pause_s)
            if await self._taken(client, call):
                return True
        return False

    async def _taken(self, client: Transport, call: OutgoingCallback) -> bool:
        async with self._turns:
            try:
                answer = await client.send(self._sign(call, self._moments()), timeout_ns=_TIMEOUT_NS)
            except NoResponse:
                return False
        return call.taken(answer)

    def _client(self, address: str) -> Transport:
        if address not in self._clients:
            self._clients[address] = self._connect(require_loopback(address))
        return self._clients[address]
