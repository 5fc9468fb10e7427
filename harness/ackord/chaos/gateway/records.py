"""What the gateway tells of an exchange, in batches, so that recording costs the exchange itself next to nothing.

An exchange is turned into JSON only when its batch is sent: after 64 entries, or 5 ms after the first.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .messages import AnswerHead

if TYPE_CHECKING:
    from .exchange import Request

__all__ = ["ExchangeRecord", "Recorder"]

Json = dict[str, Any]
_BATCH = 64
_PATIENCE_S = 0.005


@dataclass(slots=True)
class ExchangeRecord:
    """One exchange at the provider's side of the gateway."""

    request: Request
    copy: int
    begin_ns: int
    complete_ns: int | None
    answer: AnswerHead | None
    content: bytes
    truncated: bool
    faults: list[str]
    hold: str | None
    end: str
    """``complete``, ``reset``, ``timeout``, ``refused`` or ``garbled``."""

    def to_json(self, edge: str, cap_bytes: int) -> Json:
        request = self.request
        headers = self.answer.recorded() if self.answer is not None else {}
        content, truncated = self.content, self.truncated
        if "content-encoding" in headers and content:
            content, truncated = _unpacked(content, truncated, headers["content-encoding"], cap_bytes)
        return {
            "event": "exchange",
            "edge": edge,
            "op": request.who.op,
            "copy": self.copy,
            "key": request.who.key,
            "node": request.node,
            "begin_ns": self.begin_ns,
            "complete_ns": self.complete_ns,
            "status": self.answer.status if self.answer is not None else None,
            "headers": headers,
            "body": content.decode("utf-8", "replace"),
            "truncated": truncated,
            "request": {
                "method": request.head.method,
                "target": request.head.target,
                "body": request.content.decode("utf-8", "replace"),
            },
            "faults": self.faults,
            "hold": self.hold,
            "end": self.end,
        }


def _unpacked(content: bytes, truncated: bool, encoding: str, cap_bytes: int) -> tuple[bytes, bool]:
    """A compressed body as it reads, up to ``cap_bytes``; as it was, if it cannot be unpacked."""
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return content, truncated
    unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, told by the first bytes
    try:
        plain = unpacker.decompress(content, cap_bytes)
    except zlib.error:
        return content, truncated
    return plain, truncated or bool(unpacker.unconsumed_tail)


class Recorder:
    """Collects an edge's records and emits them, in their order."""

    def __init__(
        self, edge: str, cap_bytes: int, emit: Callable[[Json], None], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._edge = edge
        self._cap_bytes = cap_bytes
        self._emit = emit
        self._loop = loop
        self._batch: list[ExchangeRecord | Json] = []
        self._alarm: asyncio.TimerHandle | None = None

    def add(self, record: ExchangeRecord | Json) -> None:
        self._batch.append(record)
        if len(self._batch) >= _BATCH:
            self.flush()
        elif self._alarm is None:
            self._alarm = self._loop.call_later(_PATIENCE_S, self.flush)

    def fired(self, fault: str, op: int, at_ns: int, detail: Json) -> None:
        """A fault took effect on one operation."""
        self.add({"event": "fired", "edge": self._edge, "fault": fault, "op": op, "at_ns": at_ns, "detail": detail})

    def flush(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        batch, self._batch = self._batch, []
        for record in batch:
            self._emit(record.to_json(self._edge, self._cap_bytes) if isinstance(record, ExchangeRecord) else record)
