"""Operations are paired as a history pairs them; rows that do not fit together are an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.core.event import Begin, Complete, Event
from ackord.core.history import History
from ackord.errors import FileError
from ackord.scale.event_columns import table_of
from ackord.scale.operations import Operations
from ackord.scale.row_columns import RowColumns

from ..guarantees.build import history, order
from .planted import planted_cases, planted_history

CASES = planted_cases()
ONE = history(order("A").submit(0, 5).query(6, 7))


def operations(events: Sequence[Event], told: History) -> Operations:
    of = {e.op: e.order for e in events if isinstance(e, Begin)}
    rows = [(i, of.get(getattr(e, "op", -1), getattr(e, "order", "")), e) for i, e in enumerate(events)]
    return Operations(RowColumns(table_of(rows), "x.parquet"), told.header.vantage)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(0, 8))
def test_as_a_history_does(seed: int, orders: int) -> None:
    told = planted_history(seed, orders)
    found = operations(told.events, told)
    made = {number: xs for some in found.exchanges() for number, _, xs, _ in some}
    kept = {o.number: [*o.exchanges, *o.foreign, *o.expired, *o.key_probes] for o in told.orders if o.exchanges}
    for number, exchanges in kept.items():
        assert set(made[number]) == set(exchanges)
    assert dict(found.outcomes()) == told.outcome_counts()
    assert found.nodes() - {""} == told.nodes_asked
    assert found.any_readable != told.merchant_is_blind or not told.outcome_counts()


def wrong(change: Callable[[list[Any]], list[Any]]) -> list[Event]:
    return change(list(ONE.events))


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (wrong(lambda es: [*es, es[0]]), "begins twice"),
        (wrong(lambda es: [*es, next(e for e in es if isinstance(e, Complete))]), "is completed twice"),
        (
            wrong(lambda es: [e for e in es if not isinstance(e, Begin)]),
            "is complete, and no row of its order begins it",
        ),
        (
            wrong(lambda es: [e._replace(at_ns=-1) if isinstance(e, Complete) else e for e in es]),
            "is complete before it began",
        ),
        (wrong(lambda es: [es[0]._replace(copy=99_999), *es[1:]]), "op or copy is out of range"),
    ],
)
def test_rows_that_do_not_fit(events: list[Event], says: str) -> None:
    with pytest.raises(FileError, match=rf"x\.parquet: event \d+: .*{says}"):
        operations(events, ONE)
