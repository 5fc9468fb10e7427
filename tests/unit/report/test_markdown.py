from __future__ import annotations

from pathlib import Path

from ackord.core.verdict import GuaranteeVerdict, MissingEvidence, Result
from ackord.report import REPORTS
from ackord.report.markdown import FILE_NAME, LIMIT_BYTES, render, summary

from .build import ONCE, campaign, judged, profile


def test_the_file_is_what_githubs_summary_shows(tmp_path: Path) -> None:
    result = campaign(profile("a", judged(result=Result.VIOLATED)))
    assert REPORTS.get("markdown").write(result, tmp_path) == tmp_path / FILE_NAME
    assert (tmp_path / FILE_NAME).read_text() == summary(result) == render(result).decode()


def test_the_summary_stays_below_its_bound() -> None:
    result = campaign(
        *[profile(f"p{i}", judged(result=Result.VIOLATED, summary="é" * 5000)) for i in range(3)], repeat="x" * 3000
    )
    whole = summary(result)
    assert len(whole.encode()) <= LIMIT_BYTES
    for limit in (len(whole.encode()) - 1, 4000, 800, 100, 0, -5):
        text = summary(result, limit)
        assert len(text.encode()) <= max(0, limit)
        assert text.count("```") % 2 == 0
        assert text == "" or "left out" in text


def test_nothing_in_an_answer_formats_links_or_ends_a_block() -> None:
    evil = "```\n# heading <img src=x> | [link](http://x) @everyone"
    result = campaign(
        profile("a", judged(result=Result.VIOLATED, summary=evil), judged(ONCE, Result.INCONCLUSIVE, evil)),
        provider=evil,
    )
    text = summary(result)
    outside, inside = [], False
    for line in text.splitlines():
        if line.startswith("````"):
            inside = not inside
        elif not inside:
            outside.append(line)
    assert not inside
    plain = "\n".join(outside)
    assert "<img" not in plain and "\n# heading" not in plain
    assert "\\[link\\]" in plain and "\\@everyone" in plain


def test_a_step_stands_once_below_the_reasons_that_it_is_for() -> None:
    def unknown(reason: str, missing: MissingEvidence) -> GuaranteeVerdict:
        return judged(ONCE, Result.INCONCLUSIVE, reason, missing=missing)

    text = summary(
        campaign(
            profile("a", unknown("no effect", MissingEvidence.FAULT_EFFECT)),
            profile("b", unknown("time was over", MissingEvidence.MERCHANT_TIME)),
            profile("c", unknown("no occasion", MissingEvidence.EXPOSURE)),
        )
    )
    section = text.partition("### Not judged\n\n")[2].partition("\n### ")[0]
    assert section == (
        f"- INCONCLUSIVE under a: no effect (`{ONCE}`)\n"
        f"- INCONCLUSIVE under c: no occasion (`{ONCE}`)\n\n"
        "**Next:** send more orders for it to happen to: --budget standard, or deep\n\n"
        f"- INCONCLUSIVE under b: time was over (`{ONCE}`)\n\n"
        "**Next:** give the command more time: --time-limit\n"
    )
