"""Defines the ports of an exchange: all that it asks of merchants, nodes, time and the record, and what it is told.

An exchange (``request_path``, ``proxied_exchange``, ``response_path``) and what exchanges share (``edge_state``) touch
no socket, no event loop and no clock. A driver makes the ports: ``downstream`` and ``upstream`` live, the simulation in
virtual time, the playbook of the tests as a list of commands. A command is a method call, so it costs no object.

Messages come in read (heads parsed, bodies framed) and go out as bytes. The way in is different for each driver; the
way out is not, so every driver's merchant gets the very bytes that a real one would get, whatever a fault did to them.
The time is asked for and not told with each event: few events need an instant, and one that is recorded must be read
next to what it is about, such as the writing of a request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .forwarded_request import ForwardedRequest
from .http1.head import ResponseHead

__all__ = ["AlarmPort", "Members", "MerchantPort", "NodePort", "RecorderPort", "UpstreamClient", "UpstreamPort"]

Members = tuple[ForwardedRequest, int, int, int | None, ResponseHead | None, bytes, bool, str | None, str, str]
"""An exchange to be recorded: request, copy, begin_ns, complete_ns, response head and body, whether the body is
truncated, hold, end, detail.

A plain tuple, because creating a named one costs more than the rest of the recording.
"""


class MerchantPort(Protocol):
    """The merchant's connection."""

    @property
    def gone(self) -> bool:
        """Whether nothing can be written any more."""

    @property
    def is_ahead(self) -> bool:
        """Whether bytes of the next request are here already."""

    def write(self, data: bytes) -> None:
        """Send bytes of an answer; does nothing if the merchant is gone."""

    def answered(self, *, close: bool) -> None:
        """The answer is written: go on with the next request, or close."""

    def hang(self) -> None:
        """Stay silent until the merchant gives up."""

    def reset(self) -> None:
        """End the connection with a TCP reset."""

    def reset_soon(self) -> None:
        """The same, when what was written is on its way."""

    def reset_on_next(self, told: Callable[[int], None]) -> None:
        """The same, when the next request begins; ``told`` gets the number of its operation, 0 if it has none."""

    def set_reading(self, on: bool) -> None:
        """Go on or stop reading the request."""


class UpstreamClient(Protocol):
    """What an exchange is told of the provider's side."""

    request: ForwardedRequest

    def connected(self, upstream: UpstreamPort) -> None:
        """Here is the connection that was asked for."""

    def unreachable(self, detail: str, code: str) -> None:
        """There is none. ``code`` is what the merchant is told."""

    def give_up(self, end: str) -> None:
        """There will be none, or nobody waits any more."""

    def interim(self, head: ResponseHead) -> None:
        """An interim answer, such as 103, arrived."""

    def part(self, head: ResponseHead, wire: bytes) -> None:
        """A part of the answer's body arrived (maybe nothing of it yet); there is more to come."""

    def complete(self, head: ResponseHead, wire: bytes, content: bytes, truncated: bool) -> None:
        """The last part of the body arrived; ``content`` is all of it as it is recorded."""

    def garbled(self) -> None:
        """The answer cannot be read."""

    def upstream_lost(self) -> None:
        """The connection ended before the answer did."""

    def request_flow(self, *, stop: bool) -> None:
        """The provider reads the request too slowly, or keeps up again."""


class UpstreamPort(Protocol):
    """A connection to a node; serves one exchange at a time, which must not be told anything within a call."""

    exchange: UpstreamClient | None

    def write(self, data: bytes) -> None:
        """Send bytes of the request; does nothing if the connection is closing."""

    def set_reading(self, on: bool) -> None:
        """Go on or stop reading the answer."""

    def received(self) -> tuple[ResponseHead | None, bytes, bool]:
        """What came of the answer so far: head, content, and whether the content is truncated."""

    def release(self, *, reuse: bool) -> None:
        """The exchange needs it no more; ``reuse``: it may serve another."""

    def abort(self) -> None:
        """The same, and what is under way is of no use."""


class NodePort(Protocol):
    """The connections to one node."""

    def take(self, now_ns: int) -> UpstreamPort | None:
        """Return an idle connection that is usable at ``now_ns``, if there is one."""

    def connect_for(self, client: UpstreamClient) -> None:
        """Open a connection, and tell ``client``; never within this call."""


class AlarmPort(Protocol):
    """An action that falls due unless it is cancelled."""

    def cancel(self) -> None: ...


class RecorderPort(Protocol):
    """Takes records, see ``ExchangeRecorder``."""

    def add(self, record: Members) -> None: ...
    def fired(self, fault: str, op: int, at_ns: int, detail: dict[str, object]) -> None: ...
    def delivered(
        self, request: ForwardedRequest, at_ns: int, response_json: str | None, body: bytes, detail: str, packed: str
    ) -> None: ...
    def failed(self, fault: str, error: Exception, at_ns: int) -> None: ...
