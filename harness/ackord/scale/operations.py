"""Pairs the ``begin`` and the ``complete`` of every operation in a table of events, and makes exchanges of them.

It is what ``core/history.py`` does with events, done with whole columns. Rows that do not fit together are an error,
because an answer that finds no request would be left out in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property, partial
from itertools import islice
from typing import Any

from ..core.exchange import Exchange
from ..core.operation import Observation, OperationKind, Outcome, Vantage
from ..core.payment_state import PaymentState
from .arrow import numpy
from .row_columns import RowColumns

__all__ = ["CutOrder", "Operations"]

CutOrder = tuple[str, int, list[Exchange], bool]
"""An order's number, the number of its first event, its exchanges in the sequence of recording, and whether one of them
has a variation.
"""
_AT_ONCE = 4_000
"""About how many exchanges are made at a time."""

_MOST_COPIES = 1 << 12
_MOST_OPS = 1 << 50
_exchange = partial(tuple.__new__, Exchange)  # skips a check of the length, for one value of every column


def _answered(texts: list[Any]) -> list[bool]:
    """Return of each text of the column ``observation`` whether the merchant can read such an answer."""
    return [text is not None and text != Observation.UNREADABLE for text in texts]


class Operations:
    """The operations of a table."""

    def __init__(self, columns: RowColumns, judged: Vantage) -> None:
        """Raises ``FileError`` for rows that do not fit together."""
        np = numpy()
        self._c, self._judged = columns, judged
        self._at_merchant = columns.is_text("vantage", Vantage.MERCHANT)
        self._begins = np.flatnonzero(columns.is_text("e", "begin"))
        self._completes = np.flatnonzero(columns.is_text("e", "complete"))
        self._refuse_vantages()
        self._done = self._paired()
        """By the position of its begin: the row of an operation's end; -1: it has none."""

    def _refuse_vantages(self) -> None:
        codes, texts = self._c.codes("vantage")
        for rows in (self._begins, self._completes):
            for code in numpy().unique(codes[rows]):
                if texts[code] not in list(Vantage):
                    row = int(rows[codes[rows] == code][0])
                    raise self._c.bad(row, f"{texts[code]!r} is no vantage")

    def _keys(self, rows: Any) -> Any:
        """Return one number for (operation, copy, vantage)."""
        ops, copies = self._c.known_numbers("op", rows), self._c.known_numbers("copy", rows)
        wrong = (ops < 0) | (ops >= _MOST_OPS) | (copies < 0) | (copies >= _MOST_COPIES)
        if wrong.any():
            raise self._c.bad(int(rows[wrong][0]), "op or copy is out of range")
        return (ops * _MOST_COPIES + copies) * 2 + self._at_merchant[rows]

    def _paired(self) -> Any:
        np, begins, completes = numpy(), self._begins, self._completes
        begun, ended = self._keys(begins), self._keys(completes)
        by_key = np.argsort(begun, kind="stable")
        self._refuse_twice(begun[by_key], begins[by_key], "begins")
        done = np.full(len(begins), -1)
        if not len(completes):
            return done
        ends_by_key = np.argsort(ended, kind="stable")
        self._refuse_twice(ended[ends_by_key], completes[ends_by_key], "is completed")
        position = np.empty(len(completes), dtype=by_key.dtype)
        begun, ended = begun[by_key], ended[ends_by_key]
        if np.array_equal(begun, ended):  # as in most histories: everything that began was completed
            position[ends_by_key] = by_key
        else:
            at = np.searchsorted(begun, ended)
            lost = at >= len(begins)
            lost[~lost] = begun[at[~lost]] != ended[~lost]
            if lost.any():
                row = int(completes[ends_by_key[lost].min()])
                raise self._c.bad(row, f"operation {self._op(row)} is complete, and no row of its order begins it")
            position[ends_by_key] = by_key[at]
        orders, _ = self._c.codes("order")
        times, _ = self._c.numbers("at_ns")
        for wrong, problem in (
            (orders[completes] != orders[begins[position]], "is complete under another order than it began"),
            (times[completes] < times[begins[position]], "is complete before it began"),
        ):
            if wrong.any():
                row = int(completes[wrong][0])
                raise self._c.bad(row, f"operation {self._op(row)} {problem}")
        done[position] = completes
        return done

    def _op(self, row: int) -> int:
        return int(self._c.numbers("op")[0][row])

    def _refuse_twice(self, keys: Any, rows: Any, what: str) -> None:
        twice = numpy().flatnonzero(keys[1:] == keys[:-1])
        if len(twice):
            row = int(rows[twice[0] + 1])
            raise self._c.bad(row, f"operation {self._op(row)} {what} twice")

    @cached_property
    def _readable(self) -> Any:
        """The operations that brought the merchant a readable answer."""
        rows = self._completes[self._at_merchant[self._completes]]
        codes, texts = self._c.codes("observation")
        readable = numpy().array(_answered(texts), dtype=bool)[codes[rows]]
        return self._c.numbers("op")[0][rows[readable]]

    @property
    def any_readable(self) -> bool:
        return len(self._readable) > 0

    def merchant_operations(self) -> int:
        """Return how many operations the merchant began."""
        return int(self._at_merchant[self._begins].sum())

    def outcomes(self) -> Counter[tuple[OperationKind, Outcome]]:
        """Count the merchant's operations that ended, by kind and outcome."""
        np, c = numpy(), self._c
        chosen = self._at_merchant[self._begins] & (self._done >= 0)
        begins, ends = self._begins[chosen], self._done[chosen]
        if not len(begins):
            return Counter()
        kinds, outcomes = c.codes("kind")[0][begins].astype(np.int64), c.codes("outcome")[0][ends]
        _, first, counts = np.unique(
            kinds * len(c.codes("outcome")[1]) + outcomes, return_index=True, return_counts=True
        )
        pairs = zip(
            c.text_list("kind", begins[first], OperationKind), c.text_list("outcome", ends[first], Outcome), strict=True
        )
        return Counter(dict(zip(pairs, counts.tolist(), strict=True)))

    @cached_property
    def _judged_begins(self) -> Any:
        """Positions of the begins at the judged vantage that are about an order."""
        orders, texts = self._c.codes("order")
        at = self._at_merchant[self._begins] == (self._judged is Vantage.MERCHANT)
        named = numpy().array([bool(text) for text in texts], dtype=bool)
        return numpy().flatnonzero(at & named[orders[self._begins]])

    def nodes(self) -> set[str]:
        """Return the nodes that were asked at the judged vantage."""
        return set(self._c.text_list("node", self._begins[self._judged_begins], null=""))

    def exchanges(self) -> Iterator[list[CutOrder]]:
        """Return the orders in the sequence of their first events, some at a time."""
        np, c, positions = numpy(), self._c, self._judged_begins
        if not len(positions):
            return
        codes, texts = c.codes("order")
        _, first, group = np.unique(codes[self._begins[positions]], return_index=True, return_inverse=True)
        by_first = np.argsort(first, kind="stable")
        place = np.empty(len(first), dtype=np.int64)
        place[by_first] = np.arange(len(first))
        chosen = positions[np.argsort(place[group], kind="stable")]
        bounds = np.concatenate([[0], np.cumsum(np.bincount(place[group]))])
        heads = self._begins[positions[first[by_first]]]
        seqs = c.numbers("seq")[0][heads]
        heard = np.isin(c.numbers("op")[0][self._begins], self._readable)
        at = 0
        while at < len(heads):
            until = max(at + 1, int(np.searchsorted(bounds, bounds[at] + _AT_ONCE, side="right")) - 1)
            some = chosen[bounds[at] : bounds[until]]
            begins, ends = self._begins[some], self._done[some]
            made = map(_exchange, zip(*self._values(begins, ends, heard[some]), strict=True))
            varied = self._varied(begins)
            start = int(bounds[at])
            yield [
                (
                    texts[code],
                    seq,
                    list(islice(made, b - a)),
                    varied is not None and bool(varied[a - start : b - start].any()),
                )
                for code, seq, a, b in zip(
                    codes[heads[at:until]].tolist(),
                    seqs[at:until].tolist(),
                    bounds[at:until].tolist(),
                    bounds[at + 1 : until + 1].tolist(),
                    strict=True,
                )
            ]
            at = until

    def _varied(self, begins: Any) -> Any:
        codes, texts = self._c.codes("variation")
        has = numpy().array([bool(text) for text in texts], dtype=bool)[codes[begins]]
        return has if has.any() else None

    def _values(self, begins: Any, ends: Any, heard: Any) -> list[list[Any]]:
        """Return the columns of exchanges, in the sequence of their fields. ``heard``: of which the merchant got an
        answer that it can read.
        """
        np, c = numpy(), self._c
        seen_codes, seen_texts = c.codes("observation")
        seen = np.array([text is not None for text in seen_texts], dtype=bool)
        answered = (ends >= 0) & seen[seen_codes[ends]] if c.count else ends >= 0
        told = np.where(answered, ends, -1)
        ops, copies = c.known_numbers("op", begins), c.known_numbers("copy", begins)
        delivered = answered
        if self._judged is Vantage.PROVIDER:
            delivered = answered & (copies == 0) & heard
        at_ns, _ = c.numbers("at_ns")
        unknown = PaymentState.UNKNOWN
        return [
            ops.tolist(),
            copies.tolist(),
            c.text_list("kind", begins, OperationKind),
            c.text_list("account", begins, null=""),
            c.text_list("order", begins),
            c.known_numbers("attempt", begins).tolist(),
            at_ns[begins].tolist(),
            _or_none(at_ns[told], answered),
            c.text_list("observation", told, Observation),
            c.text_list("state", told, PaymentState.__getitem__, unknown, unknown),
            c.text_list("provider_id", told),
            c.number_list("amount_minor", told),
            c.number_list("amount_minor", begins),
            c.text_list("fingerprint", begins, null=""),
            delivered.tolist(),
            c.text_list("detail", ends, null="", absent="no answer"),
            c.text_list("node", begins, null=""),
            c.text_list("outcome", told, _is_failure, False, False),
            c.text_list("currency", begins, null=""),
            c.text_list("payee", begins, null=""),
            c.text_list("currency", told),
            c.text_list("payee", told),
            c.text_list("refund_no", begins, null=""),
            c.text_list("variation", begins, null=""),
        ]

    def given_up(self) -> dict[tuple[int, int], int]:
        """Return by (operation, copy) when those at the judged vantage ended that got no answer."""
        c, chosen = self._c, self._judged_begins
        ends = self._done[chosen]
        codes, texts = c.codes("observation")
        silent = numpy().array([text is None for text in texts], dtype=bool)
        rows = ends[(ends >= 0) & silent[codes[ends]]] if len(ends) else ends
        ops, copies = c.numbers("op")[0][rows].tolist(), c.numbers("copy")[0][rows].tolist()
        return dict(zip(zip(ops, copies, strict=True), c.numbers("at_ns")[0][rows].tolist(), strict=True))


def _is_failure(text: str) -> bool:
    return Outcome(text) is Outcome.FAIL


def _or_none(values: Any, known: Any) -> list[Any]:
    if known.all():
        return values.tolist()  # type: ignore[no-any-return]
    found = values.astype(object)
    found[~known] = None
    return found.tolist()  # type: ignore[no-any-return]
