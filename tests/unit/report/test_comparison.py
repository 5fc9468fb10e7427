"""What got better, what got worse, and what is not known any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.errors import UsageError
from ackord.report.comparison import Comparison, Direction, compare_campaigns
from ackord.report.gitlab import to_json

from .build import ONCE, VISIBLE, campaign, judged, profile, window

HELD, BROKEN, UNSAFE, UNKNOWN, IDLE, ERROR = (
    Result.HELD, Result.VIOLATED, Result.UNSAFE, Result.INCONCLUSIVE, Result.NOT_APPLICABLE, Result.ERROR,
)  # fmt: skip


def run(*results: Result | None, name: str = "a", **more: object) -> CampaignResult:
    """A campaign with one run of a profile for each result; ``None``: without the guarantee."""
    return campaign(*(profile(name, *([judged(VISIBLE, r)] if r else []), judged(ONCE)) for r in results), **more)


def change(old: CampaignResult, new: CampaignResult) -> Direction | None:
    found = [x.direction for x in compare_campaigns(old, new).cells if x.guarantee == VISIBLE]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (HELD, HELD, Direction.SAME), (BROKEN, BROKEN, Direction.SAME), (UNKNOWN, ERROR, Direction.SAME), (IDLE, UNKNOWN, Direction.SAME),
        (HELD, BROKEN, Direction.WORSE), (HELD, UNSAFE, Direction.WORSE), (UNSAFE, BROKEN, Direction.WORSE), (UNKNOWN, BROKEN, Direction.WORSE),
        (None, BROKEN, Direction.WORSE), (IDLE, UNSAFE, Direction.WORSE),
        (BROKEN, HELD, Direction.BETTER), (BROKEN, UNSAFE, Direction.BETTER), (UNSAFE, HELD, Direction.BETTER), (UNKNOWN, HELD, Direction.BETTER),
        (HELD, UNKNOWN, Direction.UNKNOWN), (BROKEN, UNKNOWN, Direction.UNKNOWN), (BROKEN, IDLE, Direction.UNKNOWN), (HELD, None, Direction.UNKNOWN),
        (None, HELD, Direction.FIRST), (IDLE, HELD, Direction.FIRST), (IDLE, IDLE, None), (None, IDLE, None),
    ],
)  # fmt: skip
def test_a_cell_goes_one_way(before: Result | None, after: Result | None, direction: Direction | None) -> None:
    assert change(run(before), run(after)) is direction


def test_a_finding_is_gone_only_where_it_holds_now() -> None:
    def gone(after: CampaignResult) -> Comparison:
        return compare_campaigns(run(BROKEN), after)

    assert [x.guarantee for x in gone(run(HELD)).gone_findings] == [VISIBLE]
    for after in (run(UNKNOWN), run(IDLE), run(None), run(HELD, name="b")):
        assert gone(after).gone_findings == []
    (new,) = compare_campaigns(run(HELD), run(BROKEN)).new_findings
    assert new.fingerprint == to_json(run(BROKEN))[0]["fingerprint"]
    assert compare_campaigns(run(UNSAFE), run(BROKEN)).new_findings == [], "it is the same finding, and it got worse"


def test_runs_of_one_profile_count_by_the_worst() -> None:
    assert change(run(HELD, HELD), run(HELD, BROKEN)) is Direction.WORSE
    assert change(run(HELD, BROKEN), run(BROKEN)) is Direction.SAME


def test_landing_windows_stand_side_by_side() -> None:
    old = campaign(profile("a", judged(), landing=window(orders=300)), profile("b", judged(), landing=window()))
    new = campaign(profile("a", judged(), landing=window(orders=400)), profile("c", judged()))
    found = {x.profile: (x.before and x.before.orders, x.after and x.after.orders) for x in
             compare_campaigns(old, new).landings}  # fmt: skip
    assert found == {"a": (300, 400), "b": (299, None)}


def test_what_was_not_run_alike_is_told() -> None:
    assert compare_campaigns(run(HELD), run(HELD)).caveats == []
    said = compare_campaigns(
        run(HELD), replace(run(HELD), budget="deep", flaw="x", failure="the provider is gone")
    ).caveats
    assert said == [
        "they differ in their budget: quick, deep",
        "they differ in their flaw: none, x",
        "new ended early: the provider is gone",
    ]


def test_other_contracts_and_subjects_are_no_comparison() -> None:
    with pytest.raises(UsageError, match="different contracts: reference and other"):
        compare_campaigns(run(HELD), replace(run(HELD), contract="other"))
    with pytest.raises(UsageError, match="different subjects"):
        compare_campaigns(run(HELD), replace(run(HELD), subject="integration"))
