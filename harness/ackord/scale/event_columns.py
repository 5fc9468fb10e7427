"""Defines events as rows of Parquet (``docs/PARQUET.md``), and turns events into rows and back.

The columns of a row are those of its kind of event; the others are null. The three kinds that a run has by the million,
``begin``, ``complete`` and ``movement``, have a column for each field. All others keep the object of their line in a
journal, as JSON, in ``data``.

``order`` is what rows are cut by. A ``complete`` has the order of its ``begin``, and a fault that fired on an operation
has the order of that one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from ..core.event import Begin, Complete, Event, Movement, event_from_json, event_to_json
from ..core.operation import Observation, OperationKind, Outcome, Vantage
from ..core.payment_state import PaymentState
from ..masking import mask_data, may_hold_secret
from .arrow import arrow

__all__ = ["COMMON", "INTEGERS", "event_of", "schema", "table_of"]

INTEGERS = ("seq", "at_ns", "op", "copy", "attempt", "amount_minor")
COMMON = ("seq", "e", "at_ns", "order")
"""Columns that no row may lack."""
_COLUMNS = (
    "seq", "e", "at_ns", "order", "vantage", "op", "copy", "kind", "account", "attempt", "fingerprint", "amount_minor",
    "currency", "payee", "node", "refund_no", "variation", "outcome", "observation", "state", "provider_id", "detail",
    "movement_id", "answer", "data",
)  # fmt: skip

_FAST: dict[type, tuple[str, tuple[str, ...]]] = {
    Begin: ("begin", Begin._fields),
    Complete: ("complete", Complete._fields),
    Movement: ("movement", Movement._fields),
}
_state_name = attrgetter("name")


@cache
def schema() -> Any:
    """Return the Arrow schema of a row."""
    pa = arrow()
    return pa.schema([pa.field(c, pa.int64() if c in INTEGERS else pa.string(), c not in COMMON) for c in _COLUMNS])


def table_of(events: Sequence[tuple[int, str, Event]]) -> Any:
    """Return a table of events, each with its number in the sequence of recording and its order.

    Raises ``OverflowError`` for a number that does not fit into 64 bits.
    """
    pa = arrow()
    by_kind: dict[type, list[tuple[int, str, Event]]] = {}
    for row in events:
        kind = type(row[2])
        by_kind.setdefault(kind if kind in _FAST else type(None), []).append(row)
    tables = [_table(kind, rows) for kind, rows in by_kind.items()]
    return pa.concat_tables([schema().empty_table(), *tables]).sort_by("seq")


def _table(kind: type, rows: list[tuple[int, str, Event]]) -> Any:
    pa = arrow()
    seqs, orders, events = zip(*rows, strict=True)
    columns: dict[str, Any] = {"seq": seqs, "order": orders}
    if kind in _FAST:
        name, fields = _FAST[kind]
        columns["e"] = [name] * len(rows)
        values = dict(zip(fields, zip(*events, strict=True), strict=True))
        columns = {**values, **columns}
        if kind is Complete:
            columns["state"] = map(_state_name, columns["state"])
            columns["detail"] = (mask_data(text) if may_hold_secret(text) else text for text in columns["detail"])
            columns["answer"] = (None if a is None else _json(a) for a in columns["answer"])
    else:
        told = [event_to_json(event) for event in events]
        columns["e"] = [line["e"] for line in told]
        columns["at_ns"] = [line["at_ns"] for line in told]
        columns["op"] = [line.get("op") for line in told]
        columns["data"] = map(_json, told)
    nulls = [None] * len(rows)
    arrays = [pa.array(list(columns.get(f.name, nulls)), f.type) for f in schema()]
    return pa.table(arrays, schema=schema())


def _json(data: object) -> str:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    if may_hold_secret(text):
        text = json.dumps(mask_data(data), separators=(",", ":"), ensure_ascii=False)
    return text


def event_of(row: dict[str, Any]) -> Event:
    """Return the event of a row. Raises ``KeyError``, ``TypeError`` or ``ValueError`` if it is none."""
    kind = row["e"]
    if kind == "begin":
        fields = {name: row[name] for name in Begin._fields}
        fields["vantage"], fields["kind"] = Vantage(row["vantage"]), OperationKind(row["kind"])
        return Begin(**_whole(fields, Begin._field_defaults, ("account", "fingerprint", "node"), ("amount_minor",)))
    if kind == "complete":
        fields = {name: row[name] for name in Complete._fields}
        fields["vantage"], fields["outcome"] = Vantage(row["vantage"]), Outcome(row["outcome"])
        seen = row["observation"]
        fields["observation"] = None if seen is None else Observation(seen)
        fields["state"] = PaymentState[row["state"] or "UNKNOWN"]
        fields["answer"] = None if row.get("answer") is None else json.loads(row["answer"])
        nullable = ("observation", "provider_id", "amount_minor", "answer", "currency", "payee")
        return Complete(**_whole(fields, {}, ("detail",), nullable))
    if kind == "movement":
        fields = {name: row[name] for name in Movement._fields}
        return Movement(**_whole(fields, Movement._field_defaults, ("account", "order"), ()))
    data = json.loads(row["data"] or "")
    if data.get("e") != kind or data.get("at_ns") != row["at_ns"]:
        raise ValueError("data tells of another event than the row")
    return event_from_json(data)


def _whole(
    fields: dict[str, Any], defaults: dict[str, Any], empty: Sequence[str], nullable: Sequence[str]
) -> dict[str, Any]:
    """Return fields with empty texts for nulls, where that is what null means. Raises ``ValueError`` for another."""
    for name, value in fields.items():
        if value is None and name not in nullable:
            if name not in defaults and name not in empty:
                raise ValueError(f"{name} is missing")
            fields[name] = defaults.get(name, "")
    return fields
