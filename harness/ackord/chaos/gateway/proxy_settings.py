"""Defines the settings of an edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import UnknownNameError, UsageError

__all__ = ["ROTATE", "ProxySettings"]

ROTATE = "rotate"


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """Settings of an edge."""

    name: str
    upstreams: Mapping[str, tuple[str, int]]
    """Node to address."""
    default_node: str
    """The node of requests that name none; ``rotate``: each in turn."""
    port: int = 0
    """Port for merchants on 127.0.0.1; 0: any free port."""
    record_body_bytes: int = 16_384
    record_headers: Sequence[str] = ()
    """Headers of responses that records keep beside the usual ones; ``*``: all."""
    record_request_headers: Sequence[str] = ()
    """Headers of requests that records keep beside the usual ones; ``*``: all, also those that hold secrets."""
    acknowledgement: Mapping[str, Any] | None = None
    """Which answers acknowledge an order, from ``Codec.acknowledgement``; ``None``: every 2xx to a submit."""
    contract: Mapping[str, Any] | None = None
    """``path`` of the contract by which the requests of foreign merchants are recognised and answers are made up, and
    ``emulated``: whether its credentials are placeholders; ``None``: those requests are not recognised.
    """
    max_held_bytes: int = 1 << 20
    """Requests up to this size are buffered whole. Larger ones are streamed and cannot be copied."""
    hold_timeout_ms: float = 2000.0
    finish_timeout_ms: float = 30_000.0
    """Time for the provider to finish an answer that nobody waits for."""
    idle_timeout_ms: float = 120_000.0
    """A merchant's connection is closed after being idle this long while the merchant is awaited."""
    max_connections: int = 10_000
    """Most connections of merchants; further ones are answered with 503 and closed."""
    upstream_tls: Mapping[str, Any] | None = None
    """TLS to the nodes, see ``tls.upstream_tls``; ``None``: plain."""
    merchant_tls: Mapping[str, Any] | None = None
    """TLS towards merchants, see ``tls.merchant_tls``; ``None``: plain."""

    def __post_init__(self) -> None:
        if not self.upstreams:
            raise UsageError(f"edge {self.name}: no upstream. Expected at least one node with its address")
        if self.default_node != ROTATE and self.default_node not in self.upstreams:
            raise UnknownNameError("node", self.default_node, [*self.upstreams, ROTATE])
        if not self.idle_timeout_ms > 0:
            raise UsageError(f"edge {self.name}: idle_timeout_ms is {self.idle_timeout_ms!r}. Expected more than 0")
        if self.max_connections < 1:
            raise UsageError(f"edge {self.name}: max_connections is {self.max_connections!r}. Expected 1 or more")
