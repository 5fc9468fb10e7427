from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ackord.core.clock import MS
from ackord.core.result import CampaignResult
from ackord.core.verdict import GuaranteeVerdict, MissingEvidence, Result
from ackord.guarantees import GUARANTEES
from ackord.report.console import IN_FULL, print_campaign, print_short
from ackord.report.landing_text import landing_sentences, print_landing
from ackord.report.table import print_table

from .build import ONCE, REPEAT, VISIBLE, campaign, judged, paper, profile, terminal, window, written

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def mixed(profiles: int) -> CampaignResult:
    """Every guarantee with every result, under many profiles."""
    results = list(Result)
    ids = GUARANTEES.names()
    return campaign(
        *[
            profile(
                f"profile-{p:02}",
                *[GuaranteeVerdict(name, results[(p + g) % 6], 123_456, 99, 12_345) for g, name in enumerate(ids)],
            )
            for p in range(profiles)
        ]
    )


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("profiles", [1, 2, 5, 9, 14])
def test_the_table_never_outgrows_the_page(width: int, profiles: int) -> None:
    console = paper(width)
    result = mixed(profiles)
    print_table(console, result)
    text = written(console)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    for name in (*GUARANTEES.names(), *(p.profile for p in result.profiles)):
        assert name in text
    assert "…" not in text


def test_few_profiles_are_told_in_words() -> None:
    console = paper(100)
    print_table(console, campaign(profile("latency", judged()), profile("replica-lag", judged(result=Result.VIOLATED))))
    text = written(console)
    assert "latency" in text.splitlines()[0] and "replica-lag" in text.splitlines()[0]
    assert "HELD 40" in text and "VIOLATED 3" in text
    assert "n orders broke it" in text


def test_a_guarantee_that_one_profile_did_not_judge_is_not_applicable_there() -> None:
    console = paper(100)
    print_table(console, campaign(profile("a", judged(VISIBLE)), profile("b", judged(ONCE))))
    row = next(line for line in written(console).splitlines() if line.startswith(VISIBLE))
    assert row.split() == [VISIBLE, "HELD", "40", "·"]


def test_colour_only_repeats_what_words_say() -> None:
    plain, coloured = paper(100), terminal(100)
    for console in (plain, coloured):
        print_campaign(console, mixed(14))
    assert COLOUR.search(written(coloured))
    assert COLOUR.sub("", written(coloured)) == written(plain)


def test_no_color_is_respected() -> None:
    console = terminal(100, NO_COLOR="1")
    print_campaign(console, mixed(2))
    codes = {code for found in COLOUR.findall(written(console)) for code in found[2:-1].split(";")}
    assert not {code for code in codes if code.isdigit() and (30 <= int(code) <= 49 or int(code) >= 90)}


def test_three_are_told_in_full_and_the_others_in_a_line() -> None:
    ids = GUARANTEES.names()[:5]
    console = paper(100)
    print_campaign(console, campaign(profile("replica-lag", *[judged(name, Result.VIOLATED) for name in ids])))
    text = written(console)
    assert text.count("broken clause") == IN_FULL
    assert "Also broken" in text
    assert text.count("VIOLATED acknowledged") + text.count("VIOLATED status") + text.count("VIOLATED terminal") == 2
    assert text.count(REPEAT) == IN_FULL


def test_what_follows_is_told_in_a_line_under_its_cause() -> None:
    follows = replace(judged(VISIBLE, Result.VIOLATED), follows_from=ONCE)
    console = paper(100)
    print_campaign(console, campaign(profile("a", follows, judged(ONCE, Result.VIOLATED))))
    text = written(console)
    assert (
        text.index(f"VIOLATED  {ONCE}") < text.index(f"What follows from {ONCE}") < text.index(f"  VIOLATED {VISIBLE}")
    )
    assert f"VIOLATED  {VISIBLE}" not in text, "it is not explained as well"


def test_the_reasons_for_not_judging_are_given_in_words() -> None:
    console = paper(100)
    reason = "fault replication-latency never took effect"
    print_campaign(console, campaign(profile("replica-lag", judged(result=Result.INCONCLUSIVE, reason=reason))))
    text = written(console)
    assert reason in text
    assert "not a pass" in text
    assert text.splitlines()[-1].startswith("INCONCLUSIVE:")


def test_the_end_has_all_that_is_needed_to_repeat_the_run() -> None:
    console = paper(80)
    command = "ackord certify contracts/" + "a" * 120 + ".yaml --seed 7"
    print_campaign(console, campaign(profile("a", judged()), repeat=command, out="ackord-out/x"))
    lines = written(console).splitlines()
    assert lines[-4:] == [
        "seed      7",
        f"repeat    {command}",
        "evidence  ackord-out/x",
        "HELD: 1 guarantee held under 1 profile. Exit code 0.",
    ]


def test_an_empty_campaign_is_told_too() -> None:
    console = paper(80)
    print_campaign(console, campaign(not_run=("a",)))
    assert written(console).splitlines()[-1] == "INCONCLUSIVE: nothing was judged. This is not a pass. Exit code 3."


def test_a_short_end_says_why_nothing_was_judged() -> None:
    console, last = paper(80), "INCONCLUSIVE: nothing was judged. This is not a pass. Exit code 3."
    print_short(console, campaign(not_run=("a",)))
    said = written(console).splitlines()
    assert said[0] == "Note: not run, because the run stopped early: a"
    assert said.count(last) == 1 and said[-1] == last


def test_a_short_end_has_no_notes_where_guarantees_have_reasons() -> None:
    console = paper(80)
    print_short(console, campaign(profile("a", judged(VISIBLE, Result.INCONCLUSIVE, "too little")), not_run=("b",)))
    assert "INCONCLUSIVE under a: too little" in written(console)
    assert "Note: " not in written(console)


def test_the_landing_window_gives_quantiles_bound_and_buffer() -> None:
    late = window(
        seen_missing=7, p99_ns=203 * MS, p99_upper_ns=241 * MS, visible_at_once_share=None, recommended_buffer_ms=241
    )
    console = paper(100)
    print_campaign(
        console, campaign(profile("lag", judged(), landing=late), profile("none", judged(), landing=window()))
    )
    text = " ".join(written(console).split())
    assert "lag 299 7 1.00 2.00 203 241 4.00 241" in text
    assert "with 95 % confidence, 99 % of all orders land within that time; the longest is 241 ms" in text
    assert "Recommended merchant buffer: 241 ms." in text
    assert "299 orders asked for at once, gives 95 % confidence that at least 99.00 % of all orders are visible" in text


def test_a_bound_is_rounded_down() -> None:
    (sentence,) = landing_sentences({"none": window(visible_at_once_share=0.98999)})
    assert "98.99 %" in sentence


def test_orders_that_never_came_back_leave_no_buffer_to_recommend() -> None:
    gone = window(
        seen_missing=2, never_shown=1, p99_upper_ns=None, visible_at_once_share=None, recommended_buffer_ms=None
    )
    said = " ".join(landing_sentences({"lag": gone}))
    assert "none is enough, 1 order was still not found at the end" in said
    assert "it takes 299 to state it" in said


def test_orders_that_were_not_asked_again_give_no_advice_to_distrust_every_buffer() -> None:
    cut = window(
        seen_missing=2, not_asked_again=2, p99_upper_ns=None, visible_at_once_share=None, recommended_buffer_ms=None
    )
    said = " ".join(landing_sentences({"lag": cut}))
    assert "not known, because 2 orders were not found and not asked for again before the run ended" in said
    assert "Never take not-found" not in said


def test_the_landing_window_fits_a_narrow_page_with_the_longest_names() -> None:
    late = window(
        seen_missing=299, p99_ns=12_345 * MS, p99_upper_ns=12_345 * MS, max_ns=12_345 * MS, recommended_buffer_ms=12_345
    )
    console = paper(80)
    print_landing(console, campaign(profile("concurrent-copies", judged(), landing=late)))
    text = written(console)
    assert "…" not in text
    assert re.search(r"^concurrent-copies +299 +299 +1\.00 +2\.00( +12,345){4}$", text, re.MULTILINE)


def test_a_step_stands_once_below_all_reasons_that_it_is_for() -> None:
    def unknown(reason: str, missing: MissingEvidence | None) -> GuaranteeVerdict:
        return judged(VISIBLE, Result.INCONCLUSIVE, reason, missing=missing)

    console = paper(100)
    result = campaign(
        profile("a", unknown("no effect", MissingEvidence.FAULT_EFFECT)),
        profile("b", unknown("no ledger", MissingEvidence.WHOLE_LEDGER)),
        profile("c", unknown("no occasion", MissingEvidence.EXPOSURE)),
        profile("d", unknown("nobody knows", None)),
    )
    print_campaign(console, result)
    lines = [line.strip() for line in written(console).splitlines()]
    said = [line.partition(":")[0] for line in lines if line.startswith(("no", "next:"))]
    assert said == [
        "no effect (under profile a)",
        "no occasion (under profile c)",
        "next",
        "no ledger (under profile b)",
        "next",
        "nobody knows (under profile d)",
    ]
