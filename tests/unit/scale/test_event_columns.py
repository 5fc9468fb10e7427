"""Every event becomes a row and the same event again, and what is no event is refused."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.core.event import Begin, Event
from ackord.scale.event_columns import event_of, schema, table_of

from .planted import planted_cases, planted_history

CASES = planted_cases()


def rows_of(events: list[Event]) -> list[dict[str, object]]:
    table = table_of([(i, getattr(e, "order", ""), e) for i, e in enumerate(events)])
    assert table.schema == schema()
    rows: list[dict[str, object]] = table.to_pylist()
    return rows


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_there_and_back(seed: int) -> None:
    events = planted_history(seed, 5, rare=1).events
    assert [event_of(row) for row in rows_of(events)] == events


def test_an_answer_is_kept() -> None:
    complete = next(e for e in planted_history(1, 3).events if type(e).__name__ == "Complete")
    answered = complete._replace(answer={"status": 200, "headers": {}, "body": "ü"})  # type: ignore[call-arg]
    (row,) = rows_of([answered])
    assert event_of(row) == answered and row["answer"] == '{"status":200,"headers":{},"body":"ü"}'


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"vantage": "bank"}, "bank"),
        ({"op": None}, "op is missing"),
        ({"kind": None}, "None"),
        ({"attempt": None}, "attempt"),
    ],
)
def test_a_row_that_is_no_begin(change: dict[str, object], says: str) -> None:
    begin = next(e for e in planted_history(1, 3).events if isinstance(e, Begin))
    (row,) = rows_of([begin])
    with pytest.raises(ValueError, match=says):
        event_of(row | change)


def test_a_number_that_is_too_large() -> None:
    begin = next(e for e in planted_history(1, 3).events if isinstance(e, Begin))
    with pytest.raises(OverflowError):
        rows_of([begin._replace(amount_minor=2**70)])
