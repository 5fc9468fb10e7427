"""A number for each operation, near or far."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ackord.core.operation_numbers import OperationNumbers

OPS = st.integers(-3, 9) | st.integers(65_530, 65_560) | st.integers(1 << 40, (1 << 40) + 3) | st.just(200_000)


@given(st.lists(st.tuples(OPS, st.integers(0, 1 << 40))))
def test_it_keeps_what_a_dictionary_keeps(puts: list[tuple[int, int]]) -> None:
    numbers, kept = OperationNumbers(), dict[int, int]()
    for op, number in puts:
        numbers.put(op, number)
        kept[op] = number
    asked = {*kept, *range(-4, 12), 65_536, 200_001}
    assert {op: numbers.get(op) for op in asked} == {op: kept.get(op, -1) for op in asked}
