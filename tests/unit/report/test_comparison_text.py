from __future__ import annotations

import json

from ackord.core.clock import MS
from ackord.core.verdict import Result
from ackord.report.comparison import compare_campaigns
from ackord.report.comparison_text import (
    comparison_json,
    comparison_markdown,
    comparison_sentence,
    comparison_text,
)

from .build import ONCE, VISIBLE, campaign, judged, profile, window

OLD = campaign(
    profile(
        "replica-lag", judged(VISIBLE, Result.VIOLATED), judged(ONCE), landing=window(seen_missing=9, p99_ns=90 * MS)
    ),
    profile("none", judged(VISIBLE), judged(ONCE)),
    out="old",
)
NEW = campaign(
    profile(
        "replica-lag",
        judged(VISIBLE),
        judged(ONCE, Result.VIOLATED, summary="\x1b[1mpaid twice | <b>"),
        landing=window(),
    ),
    profile("latency", judged(VISIBLE)),
    out="new",
)
CHANGED = compare_campaigns(OLD, NEW)


def test_the_sentence_counts_cells_and_findings() -> None:
    assert comparison_sentence(CHANGED) == (
        "1 cell worse, 2 cells not judged any more, 1 cell better, 1 cell judged for the first time; 1 finding new; "
        "1 finding gone; 0 as before (a cell is a guarantee under a profile)."
    )
    assert comparison_sentence(compare_campaigns(OLD, OLD)).startswith("nothing changed; 4 as before")


def test_the_text_says_it_by_guarantee_and_profile() -> None:
    text = comparison_text(CHANGED)
    assert f"\nWorse\n  {ONCE} under replica-lag: HELD (40 exposures) -> VIOLATED (3 orders of 20)\n" in text
    assert "\nNot judged any more\n  the profile none is not in the new run: 2 guarantees\n" in text
    assert f"\nBetter\n  {VISIBLE} under replica-lag: VIOLATED (3 orders of 20) -> HELD (40 exposures)\n" in text
    assert "\nJudged for the first time\n  the profile latency is not in the old run: 1 guarantee\n" in text
    assert "p99 90.0 -> 3.00" in text and "missed 9 of 299 -> 0 of 299" in text
    assert "\\x1b[1mpaid twice" in text and "\x1b" not in text


def test_markdown_escapes_what_providers_say() -> None:
    text = comparison_markdown(CHANGED)
    assert f"| worse | `{ONCE}` | replica-lag | HELD (40 exposures) | VIOLATED (3 orders of 20) |" in text
    assert "- the profile none is not in the new run" in text
    assert "| replica-lag | 9 of 299 → 0 of 299 |" in text
    assert "<b>" not in text


def test_json_has_units_in_its_names() -> None:
    data = json.loads(comparison_json(CHANGED))
    assert data["new"] == {"folder": "new", "seed": 7, "result": "VIOLATED", "exit_code": 1}
    (worse,) = [cell for cell in data["cells"] if cell["direction"] == "worse"]
    assert worse["new"] == {
        "result": "VIOLATED", "exposures_count": 40, "violations_count": 3, "orders_count": 20, "runs_count": 1,
        "broken_runs_count": 1,
    }  # fmt: skip
    assert data["new_findings"] == [worse["fingerprint"]] and len(data["gone_findings"]) == 1
    assert data["landing"][0]["old"]["p99_ms"] == 90.0


def test_a_share_of_the_runs_is_shown() -> None:
    flaky = campaign(profile("a", judged(VISIBLE)), profile("a", judged(VISIBLE, Result.VIOLATED)))
    assert "VIOLATED (3 orders of 20; broken in 1 of 2 runs)" in comparison_text(compare_campaigns(OLD, flaky))
