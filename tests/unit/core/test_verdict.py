"""The worst wins, and nothing that did not run passes."""

from __future__ import annotations

import pytest

from ackord.core.verdict import GuaranteeVerdict, Result, Verdict, exit_code, worst

R = Result


@pytest.mark.parametrize(
    ("results", "expected", "code"),
    [
        ([], R.INCONCLUSIVE, 3),
        ([R.HELD], R.HELD, 0),
        ([R.HELD, R.NOT_APPLICABLE], R.HELD, 0),
        ([R.NOT_APPLICABLE], R.NOT_APPLICABLE, 3),
        ([R.HELD, R.INCONCLUSIVE], R.INCONCLUSIVE, 3),
        ([R.HELD, R.ERROR, R.INCONCLUSIVE], R.ERROR, 4),
        ([R.ERROR, R.UNSAFE, R.HELD], R.UNSAFE, 1),
        ([R.ERROR, R.VIOLATED, R.UNSAFE], R.VIOLATED, 1),
    ],
)
def test_worst_and_exit_code(results: list[Result], expected: Result, code: int) -> None:
    assert worst(results) is expected
    assert exit_code(results) == code


def verdict(*results: Result, complete: bool = True) -> Verdict:
    judged = tuple(GuaranteeVerdict(f"g{i}", r, 1, 1) for i, r in enumerate(results))
    return Verdict("contract", "profile", 1, judged, complete)


def test_what_does_not_apply_does_not_count() -> None:
    assert verdict(R.NOT_APPLICABLE, R.HELD).result is R.HELD
    assert verdict(R.NOT_APPLICABLE).result is R.INCONCLUSIVE
    assert verdict().result is R.INCONCLUSIVE


def test_a_journal_that_was_cut_off_is_inconclusive_at_best() -> None:
    assert verdict(R.HELD, complete=False).result is R.INCONCLUSIVE
    assert verdict(R.VIOLATED, complete=False).result is R.VIOLATED


def test_one_guarantees_verdict() -> None:
    assert verdict(R.HELD, R.ERROR).of("g1").result is R.ERROR
    with pytest.raises(KeyError):
        verdict(R.HELD).of("g9")
