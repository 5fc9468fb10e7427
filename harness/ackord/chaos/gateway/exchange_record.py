"""Defines the gateway's records, and encodes and decodes them as lines of JSON between the chaos process and the run's.

``exchange_line`` and ``ExchangeRecord.from_json`` are the two halves of one format; so are ``fault_line`` and
``FaultRecord.from_json``, and ``delivery_line`` and ``DeliveryRecord.from_json``. A body is text if it is UTF-8, and
otherwise ``{"base64": ...}``, so that every byte is kept.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...contract.base.http_messages import HttpRequest, HttpResponse
from ...errors import EnvironmentFailed

__all__ = [
    "DeliveryRecord",
    "ExchangeRecord",
    "FaultRecord",
    "decode_record",
    "delivery_line",
    "exchange_line",
    "fault_line",
    "request_members",
    "response_members",
]

VERSION = 1
"""Version of the format; any other is refused."""
_NO_RESPONSE = '"status":null,"headers":{}'
_EMPTY = '""'
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
        """Decode what ``exchange_line`` encoded. Raises ``EnvironmentFailed`` for another version of the format."""
        _check_version(data)
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


def exchange_line(
    edge_json: str,
    op: int,
    copy: int,
    key: str,
    node: str,
    begin_ns: int,
    complete_ns: int | None,
    request_json: str,
    request_body: bytes,
    response_json: str | None,
    response_body: bytes,
    truncated: bool,
    faults: list[str] | None,
    hold: str | None,
    end: str,
    detail: str,
) -> str:
    """Encode an exchange; ``request_json`` and ``response_json`` are the ``..._members`` of its heads, which repeat.

    Written out by hand: the standard encoder takes three times as long.
    """
    unharmed = not faults and hold is None and end == "complete" and not detail
    return (
        f'{{"event":"exchange","version":{VERSION},"edge":{edge_json},"op":{op},"copy":{copy},"key":{_text(key)},'
        f'"node":{_text(node)},"begin_ns":{begin_ns},"complete_ns":{"null" if complete_ns is None else complete_ns},'
        f'{_NO_RESPONSE if response_json is None else response_json},"body":{_body_json(response_body)},'
        f'"truncated":{"true" if truncated else "false"},'
        f'"request":{{{request_json},"body":{_body_json(request_body)}}},'
        + ('"faults":[],"hold":null,"end":"complete"}' if unharmed else _outcome_json(faults, hold, end, detail))
    )


def _outcome_json(faults: list[str] | None, hold: str | None, end: str, detail: str) -> str:
    why = f',"detail":{_text(detail)}' if detail else ""
    return f'"faults":{json.dumps(faults or [])},"hold":{json.dumps(hold)},"end":"{end}"{why}}}'


def request_members(method: str, target: str, headers: Mapping[str, str]) -> str:
    """What a request's head adds to an ``exchange_line``."""
    return f'"method":{_text(method)},"target":{_text(target)},"headers":{_compact(headers)}'


def response_members(status: int, headers: Mapping[str, str]) -> str:
    """What a response's head adds to an ``exchange_line``."""
    return f'"status":{status},"headers":{_compact(headers)}'


def _compact(fields: Mapping[str, str]) -> str:
    return f"{{{','.join([f'{_text(name)}:{_text(value)}' for name, value in fields.items()])}}}"


def _body_json(body: bytes) -> str:
    if not body:
        return _EMPTY
    try:
        return _text(body.decode())
    except UnicodeDecodeError:
        return f'{{"base64":"{b64encode(body).decode()}"}}'


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
        _check_version(data)
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
        _check_version(data)
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
    """Encode what was given to a foreign merchant; ``request_json`` and ``response_json`` as in ``exchange_line``."""
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


def _check_version(data: Mapping[str, Any]) -> None:
    if data.get("version") != VERSION:
        raise EnvironmentFailed(
            f"a record of the gateway is of version {data.get('version')!r}.\n  expected: version {VERSION}\n"
            "  mend: start the chaos process from the installation that reads its records"
        )
