from __future__ import annotations

from ackord.core.verdict import Result
from ackord.report.campaign_summary import closing_sentence, notes
from ackord.report.profile_cells import profile_cells, repeat_sentences

from .build import ONCE, VISIBLE, campaign, judged, profile


def test_runs_of_a_profile_are_one_cell_and_the_worst_counts() -> None:
    result = campaign(
        profile("a", judged(VISIBLE), judged(ONCE)),
        profile("b", judged(VISIBLE)),
        profile("a", judged(VISIBLE, Result.VIOLATED), judged(ONCE, Result.INCONCLUSIVE, "few")),
    )
    cells = profile_cells(result)
    assert list(cells) == [(VISIBLE, "a"), (ONCE, "a"), (VISIBLE, "b")]
    cell = cells[VISIBLE, "a"]
    assert (cell.result, cell.results, cell.exposures) == (Result.VIOLATED, (Result.HELD, Result.VIOLATED), 80)
    assert (cell.flaky, cell.share, cell.worst.violations) == (True, "broken in 1 of 2 runs", 3)
    assert (cells[ONCE, "a"].result, cells[ONCE, "a"].flaky) == (Result.INCONCLUSIVE, False)
    assert cells[VISIBLE, "b"].share == ""


def test_what_differs_between_runs_is_told_in_every_report() -> None:
    flaky = campaign(profile("a", judged(VISIBLE)), profile("a", judged(VISIBLE, Result.VIOLATED)))
    said = f"a: {VISIBLE} was broken in 1 of 2 runs; one is enough"
    assert repeat_sentences(flaky) == [said]
    assert said in notes(flaky)
    assert closing_sentence(flaky) == (
        "VIOLATED: 1 of 1 guarantee violated, under 1 of 2 runs of 1 profile. Exit code 1."
    )
    steady = campaign(*(profile("a", judged(VISIBLE, Result.VIOLATED)) for _ in range(2)))
    assert repeat_sentences(steady) == []
    assert "under every run" in closing_sentence(steady)
    assert "held under 2 runs of 1 profile." in closing_sentence(campaign(*(profile("a", judged()) for _ in range(2))))
