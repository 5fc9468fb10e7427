from __future__ import annotations

from dataclasses import replace

from ackord.core.verdict import MissingEvidence, Result
from ackord.report.pr_comment import LIMIT_CHARACTERS, comment

from .build import ONCE, VISIBLE, campaign, judged, profile


def test_a_comment_is_short_and_its_table_is_collapsed() -> None:
    follows = replace(judged(VISIBLE, Result.VIOLATED), follows_from=ONCE)
    text = comment(campaign(profile("a", follows, judged(ONCE, Result.VIOLATED))))
    assert text.startswith(
        "<!-- ackord: reference -->\n### Ackord: reference\n\n**VIOLATED: 2 of 2 guarantees violated"
    )
    assert f"- **VIOLATED** `{ONCE}` under a: it went wrong; from it follow `{VISIBLE}`\n" in text
    before, _, rest = text.partition("<details><summary>2 guarantees under 1 profile</summary>\n\n")
    table, _, after = rest.partition("</details>")
    assert f"| `{VISIBLE}` | **VIOLATED** 3 |" in table
    assert before.count("|") == 0
    assert after.endswith("```sh\nackord certify reference --seed 7\n```\n")


def test_what_was_not_judged_is_said() -> None:
    assert "- INCONCLUSIVE under a: too little" in comment(
        campaign(profile("a", judged(ONCE, Result.INCONCLUSIVE, "too little")))
    )


def test_a_long_campaign_stays_within_what_a_comment_may_hold() -> None:
    guarantees = [judged(f"guarantee-{i}", Result.VIOLATED, summary="x" * 5000) for i in range(400)]
    result = campaign(*[profile(f"profile-{i}-" + "y" * 100, *guarantees) for i in range(30)])
    text = comment(result)
    assert len(text) <= LIMIT_CHARACTERS
    assert "- and 395 more, in the summary and in the evidence" in text
    assert "<details>" not in text


def test_nothing_in_an_answer_formats_or_ends_the_invisible_line() -> None:
    evil = "--> <img src=x> @everyone\n# heading"
    text = comment(campaign(profile("a", judged(result=Result.VIOLATED, summary=evil)), contract=evil))
    assert text.splitlines()[0].count("-->") == 1 and text.splitlines()[0].endswith("-->")
    assert "<img" not in text and "\n# heading" not in text
    assert "\\@everyone" in text


def test_what_to_do_next_is_said_once_and_only_where_something_is_missing() -> None:
    unknown = judged(ONCE, Result.INCONCLUSIVE, "no occasion", missing=MissingEvidence.EXPOSURE)
    text = comment(campaign(*[profile(f"p{i}", unknown) for i in range(9)]))
    assert text.count("\n\n**Next:** send more orders for it to happen to: --budget standard, or deep\n") == 1
    assert "Next" not in comment(campaign(profile("a", judged(), judged(ONCE, Result.VIOLATED))))
