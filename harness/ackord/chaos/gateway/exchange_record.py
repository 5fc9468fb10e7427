"""Defines the gateway's records, and carries them from the chaos process to the run's in packed batches.

``pack_records`` writes a batch where requests are waiting, so it only copies; ``unpack_records`` makes events of it in
the run's process, where nothing waits. What a record says as an event is what ``ExchangeRecord.from_json``,
``FaultRecord.from_json`` and ``DeliveryRecord.from_json`` decode. A body is text if it is UTF-8, and otherwise
``{"base64": ...}``, so that every byte is kept.
"""

from __future__ import annotations

import json
import marshal
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ...contract.base.http_messages import HttpRequest, HttpResponse
from ...errors import EnvironmentFailed

__all__ = [
    "DeliveryRecord",
    "ExchangeRecord",
    "FaultRecord",
    "PackedExchange",
    "decode_record",
    "delivery_line",
    "fault_line",
    "pack_records",
    "request_members",
    "response_members",
    "unpack_records",
]

VERSION = 2
"""Version of the format; any other is refused."""
_NO_RESPONSE = '"status":null,"headers":{}'
_text = json.encoder.encode_basestring_ascii


class ExchangeRecord(NamedTuple):
    """One exchange at the provider's side of the gateway. Instants are nanoseconds of the monotonic clock."""

    edge: str
    op: int
    """Number of the merchant's operation; minus the number of its arrival for a foreign merchant's."""
    copy: int
    """0 for the request itself, 1, 2, ... for its copies."""
    key: str
    node: str
    begin_ns: int
    complete_ns: int | None
    request: HttpRequest
    """The request as it reached the provider: headers of an allow-list; body up to the edge's ``record_body_bytes``."""
    response: HttpResponse | None
    """The response as far as it arrived; whole only if ``complete``."""
    faults: tuple[str, ...] = ()
    hold: str | None = None
    """How a hold ended: ``released`` or ``timed-out``."""
    end: str = "complete"
    """``complete``, ``reset``, ``timeout``, ``refused`` or ``garbled``."""
    detail: str = ""
    """Why the provider could not be reached."""

    @property
    def complete(self) -> bool:
        """Whether the provider's response arrived whole."""
        return self.end == "complete" and self.complete_ns is not None and self.response is not None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ExchangeRecord:
        """Decode an event of ``unpack_records``. Raises ``EnvironmentFailed`` for another version of the format."""
        _check_version(data.get("version"))
        asked, status = data["request"], data["status"]
        return cls(
            data["edge"],
            data["op"],
            data["copy"],
            data["key"],
            data["node"],
            data["begin_ns"],
            data["complete_ns"],
            HttpRequest(asked["method"], asked["target"], tuple(asked["headers"].items()), _body(asked["body"])),
            None if status is None else HttpResponse(status, data["headers"], _body(data["body"]), data["truncated"]),
            tuple(data["faults"]),
            data["hold"],
            data["end"],
            data.get("detail", ""),
        )


PackedExchange = tuple[
    int, int, str, str, int, int | None, str, bytes, str | None, bytes, bool, list[str] | None, str | None, str, str
]
"""An exchange on its way: op, copy, key, node, begin_ns, complete_ns, ``request_members`` of the request's head, its
body, ``response_members`` of the response's head, its body, whether that is truncated, faults, hold, end, detail.
"""


def pack_records(edge: str, records: list[PackedExchange | str]) -> bytes:
    """Encode a batch of exchanges, and of ``fault_line`` and ``delivery_line``, for ``unpack_records``.

    By ``marshal``, the interpreter's own: a record takes 0.2 us, where compiled code took 1.5 us to write JSON. What
    repeats within a batch, such as the heads, is written once. Both ends are one installation.
    """
    return marshal.dumps((VERSION, edge, records))


def unpack_records(block: bytes) -> list[dict[str, Any]]:
    """Decode a batch into events, oldest first. Raises ``EnvironmentFailed`` for another version of the format."""
    batch = marshal.loads(block)
    _check_version(batch[0])
    edge = batch[1]
    return [json.loads(item) if isinstance(item, str) else _exchange(edge, item) for item in batch[2]]


def _exchange(edge: str, packed: PackedExchange) -> dict[str, Any]:
    (
        op, copy, key, node, begin_ns, complete_ns, request, request_body, response, response_body, truncated, faults,
        hold, end, detail,
    ) = packed  # fmt: skip
    asked, answered = _members(request), _members(_NO_RESPONSE if response is None else response)
    event = {
        "event": "exchange", "version": VERSION, "edge": edge, "op": op, "copy": copy, "key": key, "node": node,
        "begin_ns": begin_ns, "complete_ns": complete_ns, "status": answered["status"],
        "headers": dict(answered["headers"]), "body": _shown(response_body), "truncated": truncated,
        "request": {**asked, "headers": dict(asked["headers"]), "body": _shown(request_body)},
        "faults": list(faults or ()), "hold": hold, "end": end,
    }  # fmt: skip
    return {**event, "detail": detail} if detail else event


@lru_cache(maxsize=1024)
def _members(text: str) -> dict[str, Any]:
    """Read what ``request_members`` or ``response_members`` wrote; heads repeat."""
    read: dict[str, Any] = json.loads(f"{{{text}}}")
    return read


def _shown(body: bytes) -> str | dict[str, str]:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode()}


def request_members(method: str, target: str, headers: Mapping[str, str]) -> str:
    """What the record of an exchange keeps of a request's head."""
    return f'"method":{_text(method)},"target":{_text(target)},"headers":{_compact(headers)}'


def response_members(status: int, headers: Mapping[str, str]) -> str:
    """What the record of an exchange keeps of a response's head."""
    return f'"status":{status},"headers":{_compact(headers)}'


def _compact(fields: Mapping[str, str]) -> str:
    return f"{{{','.join([f'{_text(name)}:{_text(value)}' for name, value in fields.items()])}}}"


def _body_json(body: bytes) -> str:
    return json.dumps(_shown(body))


def _body(data: str | Mapping[str, str]) -> bytes:
    return data.encode() if isinstance(data, str) else b64decode(data["base64"])


class FaultRecord(NamedTuple):
    """A fault of the edge that took effect on one operation."""

    edge: str
    fault: str
    op: int
    at_ns: int
    detail: Mapping[str, Any]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FaultRecord:
        """Decode what ``fault_line`` encoded. Raises ``EnvironmentFailed`` for another version of the format."""
        _check_version(data.get("version"))
        return cls(data["edge"], data["fault"], data["op"], data["at_ns"], data["detail"])


def fault_line(edge_json: str, fault: str, op: int, at_ns: int, detail: Mapping[str, Any]) -> str:
    """Encode a fault that took effect."""
    return (
        f'{{"event":"fired","version":{VERSION},"edge":{edge_json},"fault":{_text(fault)},"op":{op},"at_ns":{at_ns},'
        f'"detail":{json.dumps(detail)}}}'
    )


class DeliveryRecord(NamedTuple):
    """What a foreign merchant got for a request that a fault hit: only the gateway can tell."""

    edge: str
    op: int
    """Minus the number of the request's arrival."""
    node: str
    at_ns: int
    request: HttpRequest
    response: HttpResponse | None
    """What was given to the merchant; ``None``: nothing that it could read."""
    detail: str
    """Why there was nothing."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DeliveryRecord:
        """Decode what ``delivery_line`` encoded. Raises ``EnvironmentFailed`` for another version of the format."""
        _check_version(data.get("version"))
        asked, given = data["request"], data["response"]
        return cls(
            data["edge"],
            data["op"],
            data["node"],
            data["at_ns"],
            HttpRequest(asked["method"], asked["target"], tuple(asked["headers"].items()), _body(asked["body"])),
            None if given is None else HttpResponse(given["status"], given["headers"], _body(given["body"])),
            data["detail"],
        )


def delivery_line(
    edge_json: str,
    op: int,
    node: str,
    at_ns: int,
    request_json: str,
    request_body: bytes,
    response_json: str | None,
    response_body: bytes,
    detail: str,
) -> str:
    """Encode what was given to a foreign merchant.

    ``request_json`` and ``response_json`` are ``request_members`` and ``response_members``.
    """
    given = "null" if response_json is None else f'{{{response_json},"body":{_body_json(response_body)}}}'
    return (
        f'{{"event":"delivered","version":{VERSION},"edge":{edge_json},"op":{op},"node":{_text(node)},"at_ns":{at_ns},'
        f'"request":{{{request_json},"body":{_body_json(request_body)}}},"response":{given},"detail":{_text(detail)}}}'
    )


def decode_record(data: Mapping[str, Any]) -> ExchangeRecord | FaultRecord | DeliveryRecord | None:
    """Decode a line's JSON object. Returns ``None`` for an event that is not one of the gateway's.

    Raises ``EnvironmentFailed`` for another version of the format.
    """
    match data["event"]:
        case "exchange":
            return ExchangeRecord.from_json(data)
        case "fired":
            return FaultRecord.from_json(data)
        case "delivered":
            return DeliveryRecord.from_json(data)
        case _:
            return None


def _check_version(found: object) -> None:
    if found != VERSION:
        raise EnvironmentFailed(
            f"a record of the gateway is of version {found!r}.\n  expected: version {VERSION}\n"
            "  mend: start the chaos process from the installation that reads its records"
        )
