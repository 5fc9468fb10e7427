"""Checks whether the time-outs of a contract fit together: which of two hops must wait longer, and what happens if it
does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..contract.base.contract_error import DocumentPath
from ..contract.base.field_types import Duration
from ..contract.loading.loader import LoadedContract
from ..contract.spec.model import Contract
from ..contract.spec.promises import NotFoundTolerated

__all__ = ["TimingConflict", "times", "timing_conflicts"]


class _TimedHop(NamedTuple):
    path: DocumentPath
    label: str


class TimingConflict(NamedTuple):
    """Two times that do not fit."""

    path: DocumentPath
    """The path of the time that is too short."""
    other: DocumentPath
    text: str


_WAITS = _TimedHop(("timing", "merchant_waits"), "the merchant waits")
_ANSWERS = _TimedHop(("timing", "provider_answers_within"), "the provider answers within")
_QUERY_AFTER = _TimedHop(("timing", "query_after"), "the first query comes after")
_QUERY_FOR = _TimedHop(("timing", "query_for"), "the merchant asks for")
_RETRY_FOR = _TimedHop(("timing", "retry_for"), "the merchant resubmits for")
_SETTLES = _TimedHop(("timing", "settles_within"), "an ordinary payment is through within")
_CHANNEL = _TimedHop(("timing", "channel_answers_within"), "the provider waits for its bank")
_INQUIRES = _TimedHop(("timing", "channel_inquires_after"), "the provider asks its bank again after")
_DECIDES = _TimedHop(("timing", "channel_decides_within"), "the bank has decided within")
_CALLED = _TimedHop(("timing", "callback_within"), "a callback is sent within")
_CALLED_FOR = _TimedHop(("timing", "callback_retries_for"), "callbacks are repeated for")
_TIMEOUT = _TimedHop(("limits", "timeout"), "Ackord waits")
_CALL_TIMEOUT = _TimedHop(("limits", "callback_timeout"), "Ackord waits for a callback")
_WINDOW = _TimedHop(("limits", "query_window"), "an order can be asked for during")
_RETENTION = _TimedHop(("promises", "key_retention"), "a number is remembered for")
_TOLERATED = _TimedHop(("promises", "not_found", "tolerated_for"), "not found means nothing for")
_LANDS = _TimedHop(("promises", "lands_within"), "an order is visible within")
_END = _TimedHop(("promises", "settles_within"), "an order has ended within")

_MUST_FIT: tuple[tuple[_TimedHop, _TimedHop, str], ...] = (
    (_WAITS, _ANSWERS, "the merchant gives up before the answer comes, and takes an order that goes through for lost"),
    (_TIMEOUT, _ANSWERS, "a run gives up before the answer comes, and learns less than it could"),
    (_RETENTION, _RETRY_FOR, "the last resubmissions meet a number that is forgotten, and move the money again"),
    (
        _RETENTION,
        _WINDOW,
        "an order can still be asked for when its number is as good as new: being shown is no leave to resubmit",
    ),
    (_WINDOW, _QUERY_FOR, "the last queries are answered not found because the order aged out"),
    (_QUERY_FOR, _QUERY_AFTER, "the merchant has given up before its first query"),
    (_QUERY_FOR, _SETTLES, "the merchant gives up asking before the payment is through"),
    (_QUERY_FOR, _TOLERATED, "the merchant gives up asking while not found still means nothing"),
    (
        _CALLED,
        _SETTLES,
        "a callback may be sent before the payment is through: the first one need not tell how it ends",
    ),
    (
        _ANSWERS,
        _CHANNEL,
        "the provider answers before its bank does: its answer cannot say how the payment ends, and whoever reads it "
        "as a failure pays again",
    ),
    (_QUERY_FOR, _DECIDES, "the merchant gives up asking while the bank may still pay"),
    (_CALL_TIMEOUT, _CALLED, "a run gives up a query before the callback that answers it is due"),
    (_END, _SETTLES, "what is promised after a disturbance is shorter than an ordinary payment takes"),
    (_LANDS, _TOLERATED, "an order that is promised to be visible may still be not found"),
)
"""The first must not be shorter than the second, or else."""


def times(loaded: LoadedContract) -> list[tuple[DocumentPath, str]]:
    """Return the hops' documented times, as ``timing`` gives them."""
    hops = (
        _WAITS, _ANSWERS, _CHANNEL, _INQUIRES, _DECIDES, _QUERY_AFTER, _QUERY_FOR, _RETRY_FOR, _SETTLES, _CALLED,
        _CALLED_FOR,
    )  # fmt: skip
    return [(hop.path, f"{hop.label} {time}") for hop in hops if (time := _time(loaded.contract, hop.path)) is not None]


def timing_conflicts(loaded: LoadedContract) -> list[TimingConflict]:
    """Return every pair that does not fit."""
    return list(_clashes(loaded.contract))


def _clashes(contract: Contract) -> Iterator[TimingConflict]:
    for hop, other, else_ in _MUST_FIT:
        short, long = _time(contract, hop.path), _time(contract, other.path)
        if short is not None and long is not None and short.ns < long.ns:
            yield TimingConflict(hop.path, other.path, f"{hop.label} {short}, but {other.label} {long}: {else_}")
    retry = contract.timing.retry_for
    if retry is not None and contract.promises.key_retention == "unpublished":
        text = (
            f"{_RETRY_FOR.label} {retry}, but nobody says how long a number is remembered: the last "
            "resubmissions may move the money again"
        )
        yield TimingConflict(_RETENTION.path, _RETRY_FOR.path, text)


def _time(contract: Contract, path: DocumentPath) -> Duration | None:
    room, name, *_ = map(str, path)
    value = getattr(getattr(contract, room), name)
    if isinstance(value, NotFoundTolerated):
        value = value.tolerated_for
    return value if isinstance(value, Duration) else None
