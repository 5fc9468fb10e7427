from __future__ import annotations

import re

from ackord.core.verdict import MissingEvidence, Result
from ackord.report.html.overview import matrix_section, not_judged_section, verdict_header, verdict_sentence

from ..build import ONCE, VISIBLE, campaign, judged, left_out, profile
from .pages import broke, drill, failed, hostile, inconclusive, partial, passed, run, unsafe, violated, wide


def test_the_verdict_says_what_was_wrong_and_what_it_costs() -> None:
    assert verdict_sentence(violated()) == (
        "“An acknowledged order is never reported as not found” was broken by 7 orders under replica-lag, and 2 more "
        "guarantees with it; money moved more than once for at least 3 payments: at least 59.97 EUR too much; a "
        "merchant that believes the wrong answers pays at least 2 orders again, at least 39.98 EUR."
    )


def test_what_the_contract_allows_is_not_said_to_be_broken() -> None:
    assert verdict_sentence(unsafe()) == (
        "“An acknowledged order is never reported as not found” is, as the contract allows, not kept for 3 orders; no money "
        "is known to have moved twice; a merchant that believes the wrong answers pays 3 orders again, 59.97 EUR."
    )


def test_a_pass_says_what_held() -> None:
    assert verdict_sentence(passed()) == "2 guarantees held under 1 profile."


def test_what_is_no_pass_says_so() -> None:
    assert verdict_sentence(inconclusive()).endswith("This is not a pass.")
    assert verdict_sentence(failed()) == (
        "the run ended early (the provider did not answer); until then, nothing was judged. This is not a pass."
    )


def test_an_interrupted_run_that_found_something_says_both() -> None:
    p = profile("a", broke(VISIBLE), judged(ONCE), history=run())
    said = verdict_sentence(campaign(p, interrupted=True))
    assert said.startswith("the run ended early (it was interrupted), and until then “An acknowledged order is never")


def test_the_head_says_who_is_judged() -> None:
    assert "the merchant&#x27;s code" not in verdict_header(passed())
    assert "the merchant's code, not the provider" in verdict_header(drill())
    assert "Exit code 130." in verdict_header(partial())
    assert "1 judged, 2 not run" in verdict_header(partial())


def test_the_matrix_has_exposures_and_words() -> None:
    text = matrix_section(violated())
    cells = re.findall(r'<td class="(\w+)"[^>]*>(.*?)</td>', text)
    said = [(name, re.sub(r"<[^>]+>", "", inner).split()) for name, inner in cells[:2]]
    assert said == [("violated", ["✗", "VIOLATED", "7", "of", "40"]), ("held", ["✓", "HELD", "40"])]
    assert "VIOLATED: it was broken" in text


def test_many_profiles_leave_the_words_to_screen_readers() -> None:
    text = matrix_section(wide())
    assert 'class="matrix wide"' in text
    assert '<span class="hidden">HELD</span>' in text
    assert matrix_section(failed()) == ""


def test_what_was_not_judged_is_told_with_its_reason() -> None:
    assert "nothing exposed it" in not_judged_section(inconclusive())
    assert "Everything that the profiles expose was judged." in not_judged_section(passed())
    assert "The run ended early: the provider did not answer mend: start it" in not_judged_section(failed())
    text = not_judged_section(partial())
    assert "the journal was cut off" in text
    assert "not run, because the run stopped early: node-crash, storm" in text


def test_what_no_profile_tries_is_named() -> None:
    silent = judged("order-not-stuck", Result.NOT_APPLICABLE, "the profile does not expose it")
    text = not_judged_section(campaign(profile("a", judged(VISIBLE), silent), left_out=(left_out(),)))
    assert "Put to the test by none of these profiles: order-not-stuck." in text
    assert "no seam for replication (replica-lag)" in text


def test_hostile_text_stays_text() -> None:
    for section in (verdict_header, matrix_section, not_judged_section):
        assert "<script" not in section(hostile())
        assert "<img" not in section(hostile())


def test_a_step_stands_once_below_the_reasons_that_it_is_for() -> None:
    unknown = judged(VISIBLE, Result.INCONCLUSIVE, "<no occasion>", missing=MissingEvidence.EXPOSURE)
    effect = judged(VISIBLE, Result.INCONCLUSIVE, "no effect", missing=MissingEvidence.FAULT_EFFECT)
    text = not_judged_section(campaign(profile("a", unknown), profile("b", effect)))
    assert text.count("<strong>Next:</strong>") == 1
    assert text.index("&lt;no occasion&gt;") < text.index("no effect") < text.index("<strong>Next:</strong> send more")
    assert "Next:" not in not_judged_section(passed())
