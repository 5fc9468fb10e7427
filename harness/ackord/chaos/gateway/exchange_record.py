"""What the gateway tells of an exchange: a line of JSON, written and sent in batches.

A batch goes after 32 records, or 5 ms after the first. Its lines are written then, one after the other: between two requests the code that writes them would
have to come back into the processor's caches each time, which cost a request some 3 µs more (of 20 in this process) on a busy machine.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable
from typing import NamedTuple

from .forwarded_request import ForwardedRequest
from .http1.head import ResponseHead
from .rules import RequestFaults

__all__ = ["ExchangeRecord", "ExchangeRecorder", "exchange_line"]

_BATCH = 32
_PATIENCE_S = 0.005
_NO_ANSWER = '"status":null,"headers":{}'
_EMPTY = '""'
_NOTHING_BEFELL = '"faults":[],"hold":null,"end":"complete"}'
_text = json.encoder.encode_basestring_ascii


class ExchangeRecord(NamedTuple):
    """One exchange at the provider's side of the gateway."""

    request: ForwardedRequest
    copy: int
    begin_ns: int
    complete_ns: int | None
    answer: ResponseHead | None
    content: bytes
    truncated: bool
    hold: str | None
    end: str
    """``complete``, ``reset``, ``timeout``, ``refused`` or ``garbled``."""
    detail: str = ""
    """Why the provider was not reached."""


Members = tuple[ForwardedRequest, int, int, int | None, ResponseHead | None, bytes, bool, str | None, str, str]
"""What an ``ExchangeRecord`` is made of."""


def exchange_line(record: Members, edge: str, cap_bytes: int) -> str:
    """The record as a JSON object; ``edge`` is a JSON string. Written out by hand, in a third of the encoder's time."""
    request, copy, begin_ns, complete_ns, answer, content, truncated, hold, end, detail = record
    who, node, plan, head, _, request_content = request
    if answer is not None and answer.packed:
        content, truncated = _unpacked(content, truncated, answer.packed, cap_bytes)
    unharmed = plan is None and hold is None and end == "complete" and not detail
    return (
        f'{{"event":"exchange","edge":{edge},"op":{who.op},"copy":{copy},"key":{_text(who.key)},"node":{_text(node)},'
        f'"begin_ns":{begin_ns},"complete_ns":{"null" if complete_ns is None else complete_ns},'
        f'{_NO_ANSWER if answer is None else answer.recorded},"body":{_text(content.decode("utf-8", "replace"))},'
        f'"truncated":{"true" if truncated else "false"},"request":{{{head.recorded},'
        f'"body":{_text(request_content.decode("utf-8", "replace")) if request_content else _EMPTY}}},'
        f"{_NOTHING_BEFELL if unharmed else _what_befell(plan, hold, end, detail)}"
    )


def _what_befell(plan: RequestFaults | None, hold: str | None, end: str, detail: str) -> str:
    faults = "[]" if plan is None else json.dumps(plan.faults)
    why = f',"detail":{_text(detail)}' if detail else ""
    return f'"faults":{faults},"hold":{"null" if hold is None else _text(hold)},"end":"{end}"{why}}}'


def _unpacked(content: bytes, truncated: bool, encoding: str, cap_bytes: int) -> tuple[bytes, bool]:
    """A compressed body as it reads, up to ``cap_bytes``; as it was, if it cannot be unpacked."""
    if encoding not in ("gzip", "x-gzip", "deflate"):
        return content, truncated
    unpacker = zlib.decompressobj(wbits=47)  # gzip or zlib, told by the first bytes
    try:
        plain = unpacker.decompress(content, cap_bytes)
    except zlib.error:
        return content, truncated
    return plain, truncated or bool(unpacker.unconsumed_tail)


class ExchangeRecorder:
    """Collects an edge's records and emits them, in their order."""

    def __init__(
        self, edge: str, cap_bytes: int, emit: Callable[[bytes], None], loop: asyncio.AbstractEventLoop
    ) -> None:
        """``emit`` takes whole lines, each a JSON object."""
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
        """A fault took effect on one operation."""
        self.add(
            f'{{"event":"fired","edge":{self._edge},"fault":"{fault}","op":{op},"at_ns":{at_ns},'
            f'"detail":{json.dumps(detail)}}}'
        )

    def flush(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        batch, self._batch = self._batch, []
        if batch:
            edge, cap_bytes = self._edge, self._cap_bytes
            lines = [record if isinstance(record, str) else exchange_line(record, edge, cap_bytes) for record in batch]
            lines.append("")
            self._emit("\n".join(lines).encode("ascii"))
