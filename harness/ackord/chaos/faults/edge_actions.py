"""Defines what a fault of the edge may order to be done to one exchange.

A fault only names an action; the gateway and the simulation carry it out. ``detail`` is what the record of its effect
(``fired``) says besides the fault's name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .edge_views import PastResponse, SyntheticResponse

__all__ = [
    "AnswerAction",
    "AnswerInstead",
    "CloseConnection",
    "DelayAnswer",
    "DelayRequest",
    "DropRequest",
    "EdgeAction",
    "HoldAnswer",
    "LoseAnswer",
    "PadAnswer",
    "RefuseConnection",
    "ReorderQuery",
    "ReplaceAnswer",
    "ResetAfterSend",
    "SendCopies",
    "SyntheticResponse",
    "TrickleAnswer",
    "TruncateAnswer",
    "response_of",
]

_JSON = "application/json"
_HTML = "text/html; charset=utf-8"


def response_of(status: int, body: Any) -> SyntheticResponse:
    """An answer with ``body``: text as it is (HTML if it looks like it), anything else as JSON."""
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    kind = _HTML if isinstance(body, str) and body.lstrip().startswith("<") else _JSON
    return SyntheticResponse(status, (("content-type", kind),), text.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class EdgeAction:
    """The base of all actions. Of each class at most one is carried out for a request: that of the first rule."""

    detail: Mapping[str, Any] = field(default_factory=dict, kw_only=True)


# -- what EdgeFault.on_request may return ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DelayRequest(EdgeAction):
    """Wait before the request is sent on."""

    delay_ns: int


@dataclass(frozen=True, slots=True)
class DropRequest(EdgeAction):
    """Do not send the request, and break the merchant's connection or leave the merchant without an answer."""

    mode: Literal["reset", "hang"]


@dataclass(frozen=True, slots=True)
class RefuseConnection(EdgeAction):
    """Answer as the gateway does for a node that refuses connections (502), and send nothing."""


@dataclass(frozen=True, slots=True)
class AnswerInstead(EdgeAction):
    """Give the merchant this answer; with ``forward`` the provider gets the request, and its answer is withheld."""

    response: SyntheticResponse
    forward: bool


@dataclass(frozen=True, slots=True)
class ResetAfterSend(EdgeAction):
    """Break the merchant's connection as soon as the request is sent on."""


@dataclass(frozen=True, slots=True)
class LoseAnswer(EdgeAction):
    """Withhold the provider's answer; then break the merchant's connection, or stay silent."""

    mode: Literal["reset", "hang"]


@dataclass(frozen=True, slots=True)
class SendCopies(EdgeAction):
    """Send the request ``copies`` more times, each ``delay_ns`` after the one before it."""

    copies: int
    delay_ns: int
    when: Literal["after-request", "after-answer"]
    """What the first delay is counted from."""


@dataclass(frozen=True, slots=True)
class ReorderQuery(EdgeAction):
    """Collect the query in a window of ``size``, at most ``window_ns`` long; the smallest rank leaves first."""

    size: int
    window_ns: int
    rank: int


@dataclass(frozen=True, slots=True)
class DelayAnswer(EdgeAction):
    """Withhold the complete answer for some time."""

    delay_ns: int


@dataclass(frozen=True, slots=True)
class HoldAnswer(EdgeAction):
    """Withhold the complete acknowledgement until a callback about its order has reached the merchant, at most so long.
    The simulated provider calls nobody, so there it is withheld for all that time.
    """

    most_ns: int
    end: bool
    """Whether the callback must tell how the order ended."""


@dataclass(frozen=True, slots=True)
class CloseConnection(EdgeAction):
    """End the merchant's connection after the answer, without announcing it."""

    when: Literal["after-answer", "next-request"]


# -- what EdgeFault.on_answer may return -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerAction(EdgeAction):
    """The base of what may be done to an answer."""


@dataclass(frozen=True, slots=True)
class ReplaceAnswer(AnswerAction):
    """Give the merchant this answer instead of the provider's present one."""

    response: SyntheticResponse | PastResponse


@dataclass(frozen=True, slots=True)
class TruncateAnswer(AnswerAction):
    """Give only the first bytes of the body, then end the connection."""

    given_bytes: int
    end: Literal["close", "reset"]


@dataclass(frozen=True, slots=True)
class TrickleAnswer(AnswerAction):
    """Give the body slowly."""

    bytes_per_s: float


@dataclass(frozen=True, slots=True)
class PadAnswer(AnswerAction):
    """Give the answer with a body that is longer by so many spaces."""

    more_bytes: int
