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
from typing import NamedTuple, Protocol

from .http1.head import RequestHead, ResponseHead
from .identity import RequestIdentity
from .rules import RequestFaults

__all__ = ["AlarmPort", "ForwardedRequest", "Members", "MerchantPort", "NodePort", "RecorderPort", "UpstreamClient"]
__all__ += ["UpstreamPort", "WholeAnswerClient"]


class ForwardedRequest(NamedTuple):
    """A request as it is to be forwarded."""

    who: RequestIdentity
    node: str
    plan: RequestFaults | None
    head: RequestHead
    raw: bytes
    """The bytes for the provider; of a request too large to be held, its beginning."""
    content: bytes
    """The body for the record."""


Members = tuple[ForwardedRequest, int, int, int | None, ResponseHead | None, bytes, bool, str | None, str, str]
"""An exchange to be recorded: request, copy, begin_ns, complete_ns, response head and body, whether the body is
truncated, hold, end, detail.

A plain tuple, because creating a named one costs more than the rest of the recording.
"""


class MerchantPort(Protocol):
    """The merchant's connection.

    ``gone``: nothing can be written any more, and writing does nothing. ``is_ahead``: bytes of the next request are
    here. ``answered``: go on with the next request, or close. ``hang``: stay silent until the merchant gives up.
    ``reset_soon``: as ``reset``, a TCP reset, when what was written is on its way. ``reset_on_next``: when the next
    request begins, and tell the number of its operation, 0 if it has none.
    """

    @property
    def gone(self) -> bool: ...
    @property
    def is_ahead(self) -> bool: ...
    def write(self, data: bytes) -> None: ...
    def answered(self, *, close: bool) -> None: ...
    def hang(self) -> None: ...
    def reset(self) -> None: ...
    def reset_soon(self) -> None: ...
    def reset_on_next(self, told: Callable[[int], None]) -> None: ...
    def set_reading(self, on: bool) -> None: ...


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

    def garbled(self) -> None: ...
    def upstream_lost(self) -> None: ...
    def request_flow(self, *, stop: bool) -> None: ...


class WholeAnswerClient(Protocol):
    """An exchange that is told of a whole answer at once; of all else as an ``UpstreamClient`` is."""

    def complete_at_once(self, head: ResponseHead, content: bytes) -> None:
        """The whole answer arrived in one piece, and nothing else."""


class UpstreamPort(Protocol):
    """A connection to a node; serves one exchange at a time, which must not be told anything within a call.

    ``received``: what came of the answer so far: head, content, and whether the content is truncated. ``release``: the
    exchange needs it no more, and with ``reuse`` it may serve another. ``abort``: what is under way is of no use.
    """

    exchange: UpstreamClient | None

    def write(self, data: bytes) -> None: ...
    def set_reading(self, on: bool) -> None: ...
    def received(self) -> tuple[ResponseHead | None, bytes, bool]: ...
    def release(self, *, reuse: bool) -> None: ...
    def abort(self) -> None: ...


class NodePort(Protocol):
    """The connections to one node: ``take`` an idle one that is usable at ``now_ns``, or have one opened, and be told.

    ``connect_for`` tells its client nothing within the call.
    """

    def take(self, now_ns: int) -> UpstreamPort | None: ...
    def connect_for(self, client: UpstreamClient) -> None: ...


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
