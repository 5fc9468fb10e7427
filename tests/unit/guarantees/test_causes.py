"""One fact under one headline: which finding is the cause of which."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from ackord.core.clock import MS
from ackord.core.promises import NotFound, Promises, SamePayloadAnswer
from ackord.core.verdict import Result, Verdict
from ackord.guarantees import GUARANTEES
from ackord.guarantees.causes import ORDER, link_causes
from ackord.guarantees.judge import judge

from .build import Order, history, order

SETTLES = Promises(settles_within_ns=10 * MS, lands_within_ns=10 * MS)


def causes(verdict: Verdict) -> dict[str, str]:
    """Broken guarantee -> the one that it follows from."""
    return {g.guarantee: g.follows_from for g in verdict.guarantees if g.result is Result.VIOLATED}


class Story(NamedTuple):
    name: str
    order: Order
    causes: dict[str, str]


STORIES = [
    Story(
        "a missing order is one fact, whatever time was promised",
        order().submit(0, 5).query(6, 7).query(121, 122, "NOT_FOUND"),
        {
            "acknowledged-order-visible": "",
            "observed-order-stays-visible": "acknowledged-order-visible",
            "landing-bounded": "acknowledged-order-visible",
            "faults-healed-orders-converge": "acknowledged-order-visible",
        },
    ),
    Story(
        "a status that falls back between two payouts of one number",
        order()
        .submit(0, 5, id="a")
        .query(6, 7, "SUCCEEDED")
        .resubmit(8, 9, id="b")
        .query(10, 11, "PROCESSING")
        .query(12, 13, "SUCCEEDED")
        .pays(20)
        .pays(20)
        .ledger_read(21),
        {
            "resubmission-moves-money-once": "",
            "status-never-regresses": "resubmission-moves-money-once",
            "resubmission-same-order": "resubmission-moves-money-once",
            "resubmission-after-terminal": "resubmission-moves-money-once",
        },
    ),
    Story(
        "copies that were sent together paid twice",
        order().submit(0, 5, id="a").resubmit(1, 6, id="b").pays(20).pays(20).ledger_read(21),
        {
            "resubmission-moves-money-once": "",
            "concurrent-duplicates-collapse": "resubmission-moves-money-once",
        },
    ),
    Story(
        "an altered payload was accepted, and paid",
        order()
        .submit(0, 5, id="a")
        .resubmit(1, 6, id="a")
        .query(7, 8, "SUCCEEDED")
        .resubmit(9, 10, payload="p2", sent=101, id="a")
        .query(11, 12, "PROCESSING")
        .pays(20)
        .pays(20, 101)
        .ledger_read(21),
        {
            "conflicting-resubmission-refused": "",
            "resubmission-moves-money-once": "conflicting-resubmission-refused",
            "status-never-regresses": "conflicting-resubmission-refused",
        },
    ),
    Story(
        "an altered payload was accepted, and the copies paid twice for themselves",
        order()
        .submit(0, 5, id="a")
        .resubmit(1, 6, id="b")
        .resubmit(9, 10, payload="p2", sent=101, id="c")
        .pays(20)
        .pays(20)
        .ledger_read(21),
        {
            "conflicting-resubmission-refused": "",
            "resubmission-moves-money-once": "",
            "concurrent-duplicates-collapse": "conflicting-resubmission-refused",
        },
    ),
    Story(
        "a stale read after a resubmission, and no ledger to tell",
        order().submit(0, 5, id="a").query(6, 7, "SUCCEEDED").resubmit(8, 9, id="a").query(10, 11, "PROCESSING"),
        {"status-never-regresses": "", "resubmission-after-terminal": "status-never-regresses"},
    ),
    Story(
        "a resubmission that reads as failed",
        order().submit(0, 5, delivered=False).resubmit(6, 7, "REJECTED").query(8, 9),
        {
            "resubmission-same-order": "",
            "lost-ack-recoverable": "resubmission-same-order",
            "acknowledged-order-not-failed": "resubmission-same-order",
        },
    ),
    Story(
        "two facts of one order",
        order().submit(0, 5).query(6, 7, "NOT_FOUND").resubmit(8, 9, "REJECTED"),
        {"acknowledged-order-visible": "", "resubmission-same-order": ""},
    ),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.name)
def test_a_fact_is_named_once(story: Story) -> None:
    verdict = judge(history(story.order, promises=SETTLES, healed=100))
    assert causes(verdict) == story.causes


def test_the_result_stays_whatever_was_the_cause() -> None:
    verdict = judge(history(STORIES[1].order, promises=SETTLES, healed=100))
    regress = verdict.of("status-never-regresses")
    assert (regress.result, regress.violations) == (Result.VIOLATED, 1)
    assert regress.findings[0].follows_from == "resubmission-moves-money-once"


def test_an_order_that_broke_it_for_itself_comes_first_and_makes_it_a_cause() -> None:
    regressed = order("B").submit(0, 5).query(6, 7, "SUCCEEDED").query(8, 9, "PROCESSING")
    regress = judge(history(STORIES[1].order, regressed, promises=SETTLES)).of("status-never-regresses")
    assert (regress.violations, regress.follows_from) == (2, "")
    assert [f.order for f in regress.findings] == ["B", "A"]


def test_a_weaker_finding_is_no_cause() -> None:
    promises = Promises(not_found=NotFound.INCONCLUSIVE, lands_within_ns=10 * MS)
    verdict = judge(history(order().submit(0, 5).query(21, 22, "NOT_FOUND"), promises=promises))
    assert verdict.of("acknowledged-order-visible").follows_from == "landing-bounded"
    assert verdict.of("landing-bounded").follows_from == ""


def test_one_finding_is_left_alone() -> None:
    promises = Promises(on_same_payload=SamePayloadAnswer.REJECT_PLAIN)
    one = history(order().submit(0, 5).resubmit(6, 7, "DUPLICATE"), promises=promises)
    [found] = judge(one).of("resubmission-same-order").findings
    assert link_causes(one.orders[0], [found]) == [found]


def test_every_guarantee_about_single_orders_has_its_place() -> None:
    about_lists = {"answers-match-schema"}
    assert set(GUARANTEES.names()) - about_lists == set(ORDER), "put it into ORDER, from cause to consequence"
