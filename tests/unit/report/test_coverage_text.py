"""What a campaign did not look at is said, with its reason, and never where everything was looked at."""

from __future__ import annotations

from ackord.core.verdict import Result
from ackord.report.coverage_text import coverage_sentences, left_out_count, money_is_unproven, unproven

from .build import ONCE, VISIBLE, campaign, judged, left_out, profile

NOT_EXPOSED = "the profile does not expose it"
NO_LEDGER = "the contract has no ledger to read movements of money from"


def test_a_campaign_that_looked_at_everything_says_nothing() -> None:
    assert coverage_sentences(campaign(profile("a", judged()), profile("b", judged()))) == []


def test_profiles_that_cannot_run_are_told_with_what_they_would_have_judged() -> None:
    absent = (
        left_out(),
        left_out("replica-cut"),
        left_out("node-crash", "no seam for process", "lost-ack-recoverable"),
    )
    never = judged("lost-ack-recoverable", Result.NOT_APPLICABLE, NOT_EXPOSED)
    result = campaign(profile("a", judged(), never), left_out=absent)
    assert left_out_count(result) == "3 of 4 profiles"
    assert coverage_sentences(result) == [
        "3 of 4 profiles cannot run here: no seam for replication (replica-lag, replica-cut); no seam for process "
        "(node-crash).",
        f"Not judged under the faults of these profiles: {VISIBLE}.",
        "Not judged at all: lost-ack-recoverable: no profile that was run puts it to the test; node-crash would, and "
        "cannot run here.",
    ]


def test_money_that_cannot_be_judged_is_said_in_a_sentence() -> None:
    no_money = judged(ONCE, Result.NOT_APPLICABLE, NO_LEDGER)
    result = campaign(profile("a", judged(), no_money), profile("b", no_money))
    assert money_is_unproven(result) == NO_LEDGER
    assert coverage_sentences(result)[-1].startswith("Whether money moved once, and for the right orders, is not known")
    judged_once = campaign(profile("a", no_money), profile("b", judged(ONCE)))
    assert money_is_unproven(judged_once) == ""


def test_a_guarantee_of_money_that_alone_lacks_something_is_told_alone() -> None:
    paid = judged("succeeded-order-paid", Result.NOT_APPLICABLE, "a payout may have come back")
    result = campaign(profile("a", judged(ONCE), paid))
    assert money_is_unproven(result) == ""
    assert coverage_sentences(result) == ["Not judged at all: succeeded-order-paid: a payout may have come back."]


def test_what_a_chosen_profile_is_not_meant_for_is_no_news() -> None:
    result = campaign(profile("a", judged(), judged(ONCE, Result.NOT_APPLICABLE, NOT_EXPOSED)))
    assert [u.guarantee for u in unproven(result)] == [ONCE]
    assert coverage_sentences(result) == []


def test_what_is_required_must_have_been_judged() -> None:
    held = profile("a", judged(), judged(ONCE, Result.NOT_APPLICABLE, NO_LEDGER))
    assert campaign(held, required=("a", VISIBLE)).exit_code == 0
    for name in ("b", ONCE):
        result = campaign(held, required=("a", name))
        assert (result.result, result.exit_code, result.absent) == (Result.INCONCLUSIVE, 3, (name,))
        assert f"{name.capitalize()[:1]}{name[1:]} is required, and was not judged." in coverage_sentences(result)
    broken = campaign(profile("a", judged(result=Result.VIOLATED)), required=("b",))
    assert broken.exit_code == 1
