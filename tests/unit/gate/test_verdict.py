from __future__ import annotations

import pytest

from ackord.core.verdict import Result
from ackord.gate.verdict import GateItem, GateVerdict, ItemKind


def verdict(*kinds: ItemKind) -> GateVerdict:
    return GateVerdict("reference", "", ("none",), "", "2027-03-15", tuple(GateItem(kind, "a text") for kind in kinds))


def test_every_kind_fails_unless_it_is_a_remark() -> None:
    remarks = {kind for kind in ItemKind if not kind.fails}
    assert remarks == {
        ItemKind.WAIVED, ItemKind.NOT_TRIED, ItemKind.ALLOWED, ItemKind.UNUSED, ItemKind.LEFT_OUT, ItemKind.NO_BASELINE,
    }  # fmt: skip
    assert {kind.severity for kind in remarks} == {Result.HELD}
    assert all(kind.severity is not Result.HELD for kind in set(ItemKind) - remarks)


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ((), 0),
        ((ItemKind.WAIVED, ItemKind.LEFT_OUT), 0),
        ((ItemKind.UNJUDGED,), 3),
        ((ItemKind.DOUBT, ItemKind.JUDGE_FAILED), 4),
        ((ItemKind.DOUBT, ItemKind.STALE), 1),
        ((ItemKind.JUDGE_FAILED, ItemKind.NEW), 1),
    ],
)
def test_what_is_broken_outranks_what_is_not_known(kinds: tuple[ItemKind, ...], code: int) -> None:
    assert (verdict(*kinds).exit_code, verdict(*kinds).passed) == (code, code == 0)
