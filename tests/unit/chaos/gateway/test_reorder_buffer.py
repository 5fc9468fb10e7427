"""Windows: queries leave in the order of their ranks, and never in the order in which they came."""

from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from ackord.chaos.gateway.reorder_buffer import ReorderBuffers


@given(st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=20))
def test_a_full_window_leaves_in_another_order(ranks: list[int]) -> None:
    windows, left = ReorderBuffers(), list[tuple[int, int]]()
    for rank in ranks:
        windows.join("w", len(ranks), rank, lambda came, place: left.append((came, place)))
    assert [place for _, place in left] == list(range(1, len(ranks) + 1))
    came = [at for at, _ in left]
    assert sorted(came) == list(range(1, len(ranks) + 1))
    assert came != sorted(came)
    if sorted(ranks) != ranks:
        assert [ranks[at - 1] for at in came] == sorted(ranks)
    assert windows.held == 0


def test_a_window_has_a_number_so_that_its_time_does_not_open_the_next() -> None:
    windows, left = ReorderBuffers(), list[str]()

    def leave(name: str, came: int, place: int) -> None:
        left.append(name)

    first = windows.join("w", 2, 5, partial(leave, "a"))
    assert first
    assert windows.join("w", 2, 4, partial(leave, "b")) == 0
    assert left == ["b", "a"]
    second = windows.join("w", 2, 1, partial(leave, "c"))
    assert second != first
    windows.open("w", first)
    assert left == ["b", "a"]
    windows.open("w", second)
    assert left == ["b", "a", "c"]
    windows.open("w", second)
    assert left == ["b", "a", "c"]


def test_whoever_goes_away_is_not_let_go() -> None:
    windows, left = ReorderBuffers(), list[str]()

    def gone(came: int, place: int) -> None:
        left.append("gone")

    number = windows.join("w", 3, 1, gone)
    windows.join("w", 3, 2, lambda came, place: left.append("stays"))
    windows.leave("w", gone)
    windows.leave("elsewhere", gone)
    assert windows.held == 1
    windows.open("w", number)
    assert left == ["stays"]
