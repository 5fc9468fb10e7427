"""Defines the faults of the edge for the gateway: names, parameters, their defaults and bounds.

The classes in ``chaos/faults`` are what people write; a test holds that both know the same parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ...errors import UsageError

__all__ = [
    "CLOSED",
    "COMPOSABLE_FAULTS",
    "DUPLICATE",
    "FAULT_PARAMS",
    "LATE",
    "LATENCY",
    "LONGEST_MS",
    "LOST_ANSWER",
    "LOST_REQUEST",
    "QUERY_FAULTS",
    "REDIRECT",
    "REORDERED",
    "RESET",
    "SLOW_BODY",
    "STALE",
    "SUBSTITUTION",
    "TRUNCATED",
    "UNREACHABLE_FAULT",
    "Param",
    "checked_params",
]

LATENCY = "latency"
REORDERED = "reordered-queries"
DUPLICATE = "duplicate-delivery"
LATE = "late-answer"
CLOSED = "connection-closed"

LOST_REQUEST = "lost-request"
UNREACHABLE_FAULT = "unreachable"
RESET = "reset"
SUBSTITUTION = "error-substitution"
REDIRECT = "redirect"
LOST_ANSWER = "lost-answer"
STALE = "stale-answer"
TRUNCATED = "truncated-body"
SLOW_BODY = "slow-body"

COMPOSABLE_FAULTS = frozenset({LATENCY, REORDERED, DUPLICATE, LATE, CLOSED})
"""Faults that combine with any other; of the rest only one can hit a request."""
QUERY_FAULTS = frozenset({REORDERED, STALE})
"""Faults that hit only queries."""

LONGEST_MS = 3_600_000


class Param(NamedTuple):
    """One parameter: its default, its check, and the check in words."""

    default: Any
    check: Callable[[Any], bool]
    expected: str


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _ms(default: float | None, *, least: float = 0) -> Param:
    expected = f"milliseconds from {least:g} to {LONGEST_MS}" + (", or null" if default is None else "")
    return Param(
        default,
        lambda v: (v is None and default is None) or (_number(v) and least <= v <= LONGEST_MS),
        expected,
    )


def _whole(default: int | None, least: int, most: int) -> Param:
    def check(value: Any) -> bool:
        if value is None:
            return default is None
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

    return Param(default, check, f"a whole number from {least} to {most}" + (", or null" if default is None else ""))


def _one_of(default: Any, *values: Any) -> Param:
    known = (default, *values)
    # By type too: 1 == True, and a status of 307.0 is none.
    return Param(default, lambda v: any(type(v) is type(k) and v == k for k in known), f"one of {known}")


def _text(default: str | None) -> Param:
    return Param(default, lambda v: isinstance(v, str) or (v is None and default is None), "text")


def _flag(default: bool) -> Param:
    return Param(default, lambda v: isinstance(v, bool), "true or false")


_JSON = Param(None, lambda v: True, "any JSON")
_RESET_OR_HANG = _one_of("reset", "hang")
_LARGEST_BYTES = 1 << 30

FAULT_PARAMS: dict[str, dict[str, Param]] = {
    LATENCY: {"ms": _ms(0.0), "jitter_ms": _ms(0.0)},
    REORDERED: {"window_ms": _ms(50.0), "size": _whole(8, 2, 1000)},
    DUPLICATE: {"copies": _whole(1, 1, 100), "delay_ms": _ms(0.0), "when": _one_of("after-request", "after-answer")},
    LATE: {"ms": _ms(1000.0)},
    CLOSED: {"when": _one_of("after-answer", "next-request")},
    LOST_REQUEST: {"mode": _RESET_OR_HANG},
    UNREACHABLE_FAULT: {"mode": _one_of("refused", "silent")},
    RESET: {},
    SUBSTITUTION: {
        "status": _whole(503, 200, 599),
        "code": _text("BUSY"),
        "body": _JSON,
        "page": _one_of(None, "cdn"),
        "forward": _flag(False),
        "retry_after_s": _whole(None, 0, 86_400),
    },
    REDIRECT: {
        "status": _one_of(307, 301, 302, 303, 308),
        "location": _text(None),
        "forward": _flag(True),
    },
    LOST_ANSWER: {"mode": _RESET_OR_HANG},
    STALE: {
        "behind": _whole(None, 1, 64),
        "lag_ms": _ms(None),
        "not_found": _flag(False),
        "status": _whole(404, 200, 599),
        "body": _JSON,
    },
    TRUNCATED: {
        "bytes": _whole(None, 0, _LARGEST_BYTES),
        "part": Param(0.5, lambda v: _number(v) and 0 <= v < 1, "a number from 0 to under 1"),
        "end": _one_of("close", "reset"),
    },
    SLOW_BODY: {
        "bytes_per_s": Param(100.0, lambda v: _number(v) and 0.1 <= v <= 1e9, "bytes a second from 0.1 to 1e9")
    },
}
"""Every fault of the edge with its parameters."""


def checked_params(fault: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return all parameters of ``fault``, defaults included. ``given`` must have known names only.

    Raises ``UsageError`` for a value out of bounds.
    """
    params = {}
    for name, param in FAULT_PARAMS[fault].items():
        value = given.get(name, param.default)
        if not param.check(value):
            raise UsageError(f"{fault}: {name} is {value!r}. Expected {param.expected}")
        params[name] = value
    if fault == STALE:
        if params["behind"] is not None and params["lag_ms"] is not None:
            raise UsageError(f"{fault}: behind and lag_ms are both given. Expected one of them")
        if params["behind"] is not None and params["not_found"]:
            raise UsageError(f"{fault}: not_found goes with lag_ms, not with behind")
    return params
