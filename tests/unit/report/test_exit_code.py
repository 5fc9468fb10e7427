from __future__ import annotations

import pytest

from ackord.report.exit_code import worst_exit_code


@pytest.mark.parametrize(
    ("codes", "worst"),
    [((0, 0), 0), ((0, 3), 3), ((3, 4, 0), 4), ((4, 2), 2), ((2, 1, 4), 1), ((1, 130), 130), ((0, -9), -9), ((), 130)],
)
def test_the_worst_exit_code_counts(codes: tuple[int, ...], worst: int) -> None:
    assert worst_exit_code(codes) == worst
