"""Defines what a fault of the edge sees: a request, an answer of the provider with its past, and keyed random numbers.

Everything here is pure: no sockets and no clock. The gateway and the simulation make the same views.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ...contract.base.json_path import MISSING
from ...core.seed import Seed

__all__ = ["LARGEST_BODY_BYTES", "AnswerView", "KeyedRandom", "PastResponse", "RequestView", "SyntheticResponse"]

LARGEST_BODY_BYTES = 1 << 20
"""A larger body is not parsed, so no rule about its fields is met."""

_UNREAD: Any = object()


class RequestView:
    """A request. Its headers and body are read once, and only when a rule or a fault needs them."""

    __slots__ = ("_body", "_document", "_headers", "_pairs", "method", "target")

    def __init__(
        self,
        method: str,
        target: str,
        headers: Callable[[], Sequence[tuple[str, str]]],
        body: Callable[[], bytes | None],
    ) -> None:
        """``headers()``: pairs, names in lower case; ``body()``: the content, or ``None`` if it is not held whole."""
        self.method = method
        self.target = target
        self._headers = headers
        self._body = body
        self._pairs: Sequence[tuple[str, str]] | None = None
        self._document: Any = _UNREAD

    def header(self, name: str) -> list[str]:
        """The values of all headers of that name (in lower case)."""
        if self._pairs is None:
            self._pairs = self._headers()
        return [value for known, value in self._pairs if known == name]

    def body(self) -> bytes | None:
        """The content as it came; ``None`` if it is not held whole."""
        return self._body()

    def document(self) -> Any:
        """The body as JSON; ``MISSING`` if it is none, too large, or not held whole."""
        if self._document is _UNREAD:
            self._document = _parsed(self._body())
        return self._document


def _parsed(body: bytes | None) -> Any:
    if not body or len(body) > LARGEST_BODY_BYTES:
        return MISSING
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return MISSING


class PastResponse(NamedTuple):
    """An answer that the provider gave before, and when it was complete."""

    at_ns: int
    status: int
    body: bytes
    original: Any
    """The answer as the side that carries out the fault keeps it; a fault only passes it on."""


class SyntheticResponse(NamedTuple):
    """An answer that the provider did not give."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Without what frames the message."""
    body: bytes


class AnswerView(NamedTuple):
    """A complete answer of the provider that the merchant has not got yet."""

    status: int
    body: bytes
    wire_bytes: int
    """The length of the body as it came, the framing of chunks included."""
    now_ns: int
    earlier: Callable[[int | None, int | None], PastResponse | None]
    """``earlier(behind, lag_ns)``: an earlier answer to the same query, see ``ResponseHistory.earlier``."""
    is_hidden: Callable[[int], bool]
    """``is_hidden(lag_ns)``: whether the order would not be there yet on a replica with that lag."""
    acknowledged_ns: Callable[[], int | None] = lambda: None
    """When the order that the request is about was acknowledged first; ``None``: it was not, as far as is known."""
    not_found: Callable[[], SyntheticResponse | PastResponse | None] = lambda: None
    """How the provider says that it has no such order; ``None``: it cannot be made up, as where answers are signed."""
    in_progress: Callable[[], SyntheticResponse | PastResponse | None] = lambda: None
    """How it says that an earlier request for the order is still being worked on; ``None`` likewise."""
    of_order: Callable[[float, float, str], float] = lambda low, high, label: low
    """``of_order(low, high, label)``: a number between the bounds, the same for all requests of one order."""
    next_acknowledgement_ns: Callable[[int], int | None] = lambda since_ns: None
    """``next_acknowledgement_ns(since_ns)``: when the next order, whichever, was acknowledged; ``None``: none was."""


class KeyedRandom(NamedTuple):
    """Random numbers for one request: the same ones for the same seed, order, operation and attempt."""

    seed: Seed
    ordinal: int
    operation: str
    attempt: int

    def between(self, low: float, high: float, *label: str | int) -> float:
        """A number between the bounds."""
        return self.seed.between(low, high, *label, self.ordinal, self.operation, self.attempt)

    def of_order(self, low: float, high: float, *label: str | int) -> float:
        """A number between the bounds, the same for all requests of the order."""
        return self.seed.between(low, high, *label, self.ordinal)

    def bits(self, *label: str | int) -> int:
        """64 random bits."""
        return self.seed.bits(*label, self.ordinal, self.operation, self.attempt)
