"""Reads the raw answers of a journal again by the contract, and compares what they say with what the journal says.

A reading that does not follow from its bytes was edited, or made by another contract. Signatures are not checked: that
needs the keys, which no journal holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..contract.codec.response_reader import Interpretation, ResponseContext, ResponseReader
from ..contract.codec.response_readers import response_readers
from ..contract.loading.loader import LoadedContract
from ..core.event import Begin, Complete, Event
from ..core.history import History
from ..core.operation import Observation, OperationKind, Vantage
from ..record.redaction import BODY_BYTES, raw_answer

__all__ = ["Reread", "Rereading", "reread"]


class Reread(NamedTuple):
    """What reading again gave."""

    compared: int
    """Answers whose reading follows from their bytes."""
    skipped: Mapping[str, int]
    """Answers that could not be compared, by the reason."""
    problem: tuple[int, str] | None
    """The index of the first event whose reading does not follow, and why."""


def reread(history: History, loaded: LoadedContract) -> Reread:
    """Read every raw answer again."""
    rereading = Rereading(loaded)
    for event in history.events:
        rereading.add(event)
    return rereading.end()


class Rereading:
    """Reads the raw answers of one journal again as its events are read. It keeps operations that are open, and the
    provider's identifiers of orders.
    """

    def __init__(self, loaded: LoadedContract) -> None:
        self._readers = response_readers(loaded.contract)
        self._by_callback = any(callback.ends_query for callback in loaded.contract.callbacks)
        self._begun: dict[tuple[Vantage, int, int], Begin] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._skipped: dict[str, int] = {}
        self._compared = self._events = 0
        self._problem: tuple[int, str] | None = None

    def add(self, event: Event) -> None:
        """Read the next event's raw answer, if it has one; nothing, once one did not follow."""
        if self._problem is None:
            if isinstance(event, Begin):
                self._begun[event.vantage, event.op, event.copy] = event
            elif isinstance(event, Complete):
                asked = self._begun.pop((event.vantage, event.op, event.copy), None)
                if event.answer is not None and (said := self._answer(event, asked)):
                    self._problem = self._events, f"operation {event.op}: {said}"
        self._events += 1

    def end(self) -> Reread:
        """Return what was compared until now."""
        return Reread(self._compared, self._skipped, self._problem)

    def _answer(self, event: Complete, asked: Begin | None) -> str:
        """Return how an answer contradicts its reading; empty if it does not, or cannot be compared."""
        reader = None if asked is None else self._readers.get(asked.kind)
        if whole := _whole_all_the_same(event):
            return whole
        if asked is None or reader is None:
            why = "the contract has no such operation"
        elif (event.answer or {}).get("truncated"):
            why = "they are longer than the journal keeps"
        elif event.observation is Observation.UNREADABLE and "not genuine" in event.detail:
            why = "whether they are genuine needs the keys"
        elif self._by_callback and asked.kind is OperationKind.QUERY:
            why = "a callback may have answered"
        else:
            said = _said(reader, event, asked, self._known)
            if event.provider_id is not None:
                self._known.setdefault((asked.account, asked.order), event.provider_id)
            self._compared += said is None
            return said or ""
        self._skipped[why] = self._skipped.get(why, 0) + 1
        return ""


def _whole_all_the_same(event: Complete) -> str:
    """Return how an answer that is marked as cut, and would not be read again, shows that it is whole; empty: it is cut
    or nothing tells.
    """
    answer = event.answer or {}
    try:
        if not answer.get("truncated"):
            return ""
        kept_bytes, stated = len(raw_answer(answer).body), answer["headers"].get("content-length", "")
    except (KeyError, ValueError, AttributeError):
        return "its raw answer is damaged"
    if kept_bytes < BODY_BYTES // 2 and event.observation is not Observation.UNREADABLE:
        return f"its answer is marked as cut off after {kept_bytes} bytes, and was read all the same"
    if kept_bytes < BODY_BYTES and stated == str(kept_bytes):
        return f"its answer is marked as cut off, and has all the {kept_bytes} bytes that it states"
    return ""


def _said(reader: ResponseReader, event: Complete, asked: Begin, known: Mapping[tuple[str, str], str]) -> str | None:
    """Return how the journal's reading differs from that of the bytes; ``None``: it does not."""
    try:
        answer = raw_answer(event.answer or {})
    except (KeyError, ValueError, AttributeError):
        return "its raw answer is damaged"
    ids = dict.fromkeys((known.get((asked.account, asked.order)), event.provider_id, None))
    readings = [reader.read(answer, ResponseContext(asked.order, provider_id)) for provider_id in ids]
    if any(_facts(reading) == _recorded(event) for reading in readings):
        return None
    return f"the journal reads its answer as {_shown(_recorded(event))}, the contract as {_shown(_facts(readings[0]))}"


_Facts = tuple[object, ...]


def _facts(reading: Interpretation) -> _Facts:
    return (
        reading.observation,
        reading.state,
        reading.outcome,
        reading.provider_id,
        reading.amount_minor,
        reading.currency,
        reading.payee,
    )


def _recorded(event: Complete) -> _Facts:
    return (
        event.observation,
        event.state,
        event.outcome,
        event.provider_id,
        event.amount_minor,
        event.currency,
        event.payee,
    )


def _shown(facts: _Facts) -> str:
    return " ".join(str(getattr(fact, "name", fact)) for fact in facts if fact is not None)
