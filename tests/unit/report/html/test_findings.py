from __future__ import annotations

import re

from ackord.core.verdict import Result
from ackord.guarantees import GUARANTEES
from ackord.report.html.findings import ORDERS, findings_section

from ..build import VISIBLE, campaign, history, judged, profile
from .pages import HOSTILE, broke, hostile, passed, run, unsafe, violated


def test_what_held_has_no_section() -> None:
    assert findings_section(passed()) == ""


def test_causes_come_first_and_what_follows_is_folded_under_its_cause() -> None:
    text = findings_section(violated())
    assert "What was broken: 2 causes" in text
    cards = text.split('<article class="card"')[1:]
    assert "acknowledged-order-visible" in cards[0]
    assert cards[1].index("resubmission-moves-money-once") < cards[1].index("resubmission-same-order")
    assert "A resubmission arrives at the same order" in cards[1]
    assert "follows from the cause above" in cards[1]


def test_three_orders_are_shown_and_the_others_counted() -> None:
    card = findings_section(violated()).split('<article class="card"')[1]
    assert card.count('<details class="order"') == ORDERS
    assert card.count('<details class="order" open>') == 1
    assert "4 more orders broke it under replica-lag; the journal has them all." in card


def test_an_order_is_explained_with_clause_place_and_command() -> None:
    text = findings_section(violated())
    assert "MUST NOT be answered with an observation NOT_FOUND" in text
    assert "contracts/reference.yaml:57" in text
    assert "Active fault: replication-latency" in text
    assert "What it costs: The merchant takes not-found for a failure" in text
    assert "<code>ackord certify reference --profile replica-lag --seed 7</code>" in text


def test_unsafe_says_why_it_is_not_worse_and_who_is_safe() -> None:
    text = findings_section(unsafe())
    assert "UNSAFE means: the contract allows this" in text
    assert "Safe with it: merchants whose policy is poll or buffer" in text


def test_the_profile_with_the_most_orders_is_shown_and_the_others_named() -> None:
    text = findings_section(
        campaign(
            profile("a", broke(VISIBLE, orders=1), history=run()),
            profile("b", broke(VISIBLE, orders=2), history=run()),
        )
    )
    assert "2 orders broke it under b, the most of 2 profiles, on 40 exposures; broken under a, b" in text


def test_an_order_that_the_record_does_not_have_is_still_named() -> None:
    text = findings_section(campaign(profile("a", judged(VISIBLE, Result.VIOLATED, order="gone"), history=history())))
    assert "<code>gone</code>" in text
    assert "Its exchanges are not in this record." in text


def test_anchors_are_unique() -> None:
    ids = re.findall(r'id="([^"]+)"', findings_section(violated()))
    assert len(ids) == len(set(ids))


def test_hostile_text_stays_text() -> None:
    text = findings_section(hostile())
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;img src=x onerror=&#x27;y&#x27;&gt;" in text
    assert HOSTILE not in text


def test_a_page_draws_only_so_many_orders_and_stays_small() -> None:
    everything = profile("a", *(broke(name) for name in GUARANTEES.names()), history=run())
    text = findings_section(campaign(everything))
    asked = 3 * len(GUARANTEES.names())
    assert text.count('class="lanes"') == 40
    assert text.count("this page draws no more orders") == asked - 40
    assert len(text) < 2_500_000
