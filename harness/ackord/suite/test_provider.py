"""Tests the basic exchanges of every integration; the guarantees themselves are collected from the contract."""

from __future__ import annotations

from ackord.core.operation import Observation
from ackord.core.verdict import Result
from ackord.run.interactive import InteractiveRun


def test_an_order_that_was_acknowledged_is_found(merchant: InteractiveRun) -> None:
    order = merchant.submit()
    assert order.acknowledged, "the submit was not acknowledged"
    reading = merchant.query(order)
    assert reading is not None
    assert reading.observation is Observation.STATUS, reading.detail


def test_a_resubmission_is_the_same_order(merchant: InteractiveRun) -> None:
    order = merchant.submit()
    merchant.resubmit(order)
    merchant.settle()
    verdict = merchant.verdict().of("resubmission-moves-money-once")
    assert verdict.result is Result.HELD, verdict


def test_a_lost_answer_can_be_recovered(merchant: InteractiveRun) -> None:
    order = merchant.submit(inject="lost-answer")
    assert not order.acknowledged, "the gateway should have lost this answer"
    reading = merchant.resubmit(order)
    assert reading is not None
    assert reading.observation in (Observation.ACK, Observation.DUPLICATE, Observation.IN_PROGRESS), reading.detail
