"""Collects an edge's records, and writes and sends them in batches.

A batch is sent after 32 records, or 5 ms after the first. Its records are packed together: packing between two requests
evicts the processor's caches each time.
"""

from __future__ import annotations

import asyncio
import json
import traceback
import zlib
from collections.abc import Callable

from .exchange_record import PackedExchange, delivery_line, fault_line, pack_records
from .ports import ForwardedRequest, Members

__all__ = ["ExchangeRecorder"]

_BATCH = 32
_PATIENCE_S = 0.005


class ExchangeRecorder:
    """Collects an edge's records and emits them in their order."""

    def __init__(
        self, edge: str, cap_bytes: int, emit: Callable[[bytes], None], loop: asyncio.AbstractEventLoop
    ) -> None:
        """``emit`` takes batches of ``pack_records``. ``cap_bytes``: most bytes of a decompressed body."""
        self._name = edge
        self._edge = json.dumps(edge)
        self._cap_bytes = cap_bytes
        self._emit = emit
        self._loop = loop
        self._batch: list[Members | str] = []
        self._alarm: asyncio.TimerHandle | None = None

    def add(self, record: Members | str) -> None:
        """Take a record, or a line that is JSON already."""
        self._batch.append(record)
        if len(self._batch) >= _BATCH:
            self.flush()
        elif self._alarm is None:
            self._alarm = self._loop.call_later(_PATIENCE_S, self.flush)

    def fired(self, fault: str, op: int, at_ns: int, detail: dict[str, object]) -> None:
        """Record that a fault took effect on one operation."""
        self.add(fault_line(self._edge, fault, op, at_ns, detail))

    def delivered(
        self, request: ForwardedRequest, at_ns: int, response_json: str | None, body: bytes, detail: str, packed: str
    ) -> None:
        """Record what a foreign merchant was given for a request that a fault hit.

        Our own clients say themselves what they got. ``packed``: the body's content encoding.
        """
        who, node, _, head, _, content = request
        if who.op < 0:
            body, _ = _unpacked(body, False, packed, self._cap_bytes)
            self.add(
                delivery_line(self._edge, who.op, node, at_ns, head.recorded, content, response_json, body, detail)
            )

    def failed(self, fault: str, error: Exception, at_ns: int) -> None:
        """Tell the run that a fault's own code raised: whatever it was to do was not done, so the run must end."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = f"the fault {fault} raised {type(error).__name__}: {error} ({place.filename}:{place.lineno})"
        self.add(json.dumps({"event": "part-died", "part": said, "at_ns": at_ns}))
        self.flush()

    def flush(self) -> None:
        """Emit the collected records."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        batch, self._batch = self._batch, []
        if batch:
            self._emit(pack_records(self._name, [r if isinstance(r, str) else self._packed(r) for r in batch]))

    def _packed(self, record: Members) -> PackedExchange:
        request, copy, begin_ns, complete_ns, answer, content, truncated, hold, end, detail = record
        who, node, plan, head, _, request_content = request
        answer_json = None
        if answer is not None:
            answer_json = answer.recorded
            if answer.packed:
                content, truncated = _unpacked(content, truncated, answer.packed, self._cap_bytes)
        return (
            who.op, copy, who.key, node, begin_ns, complete_ns, head.recorded, request_content, answer_json, content,
            truncated, None if plan is None else plan.faults, hold, end, detail,
        )  # fmt: skip


def _unpacked(content: bytes, truncated: bool, encoding: str, cap_bytes: int) -> tuple[bytes, bool]:
    """Decompress a body up to ``cap_bytes``; one that cannot be decompressed is returned as it is."""
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return content, truncated
    unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, by the first bytes
    try:
        plain = unpacker.decompress(content, cap_bytes)
    except zlib.error:
        return content, truncated
    return plain, truncated or bool(unpacker.unconsumed_tail)
