"""Counts of parts add up to the count of the whole, in whatever sequence they are added."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ackord.core.reasons import Reasons

MET = st.lists(st.sampled_from(["a", "b", "c"]), max_size=12)


def counted(reasons: list[tuple[int, str]]) -> Reasons:
    found = Reasons()
    for i, reason in reasons:
        found.add(reason, ((0, i), 0))
    return found


@given(MET, st.permutations(range(4)))
def test_parts_add_up(met: list[str], sequence: list[int]) -> None:
    numbered = list(enumerate(met))
    total = Reasons()
    for part in sequence:
        total.merge(counted(numbered[part::4]))
    assert (total.commonest, total.total) == (counted(numbered).commonest, len(met))


def test_of_equals_the_first_is_told() -> None:
    assert counted([(5, "late"), (2, "early"), (9, "late"), (7, "early")]).commonest == "early"
    assert Reasons().commonest == "" and sorted(counted([(1, "x")])) == ["x"]
