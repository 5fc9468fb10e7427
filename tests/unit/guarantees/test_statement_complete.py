"""All that moved stands in the statement: readings on each side of its edge."""

from __future__ import annotations

import pytest

from ackord.core.event import Event
from ackord.core.promises import Promises
from ackord.guarantees.statement_complete import ID

from .build import Order, order
from .statement_build import GROWS, WHOLE, line, page, reading, word


def paid() -> Order:
    return order().submit(0, 5).query(6, 7, "SUCCEEDED")


STATED, EMPTY = page(line()), page()
BACK = line("m2", kind="return")


@pytest.mark.parametrize(
    ("one", "read", "promises", "said"),
    [
        (paid(), reading(1, 50, [STATED]), WHOLE, "HELD"),
        (paid(), reading(1, 50, [EMPTY]), WHOLE, "VIOLATED"),
        (paid(), reading(1, 50, [page(whole=False)]), WHOLE, "INCONCLUSIVE"),
        (paid(), reading(1, 50, [EMPTY], until=6), WHOLE, "INCONCLUSIVE"),
        (paid(), reading(1, 50, [EMPTY], problem="cut"), WHOLE, "INCONCLUSIVE"),
        (paid(), reading(1, 50, [EMPTY], account="somebody"), WHOLE, "INCONCLUSIVE"),
        (paid(), [], WHOLE, "INCONCLUSIVE"),
        (paid(), reading(1, 50, [EMPTY]), GROWS, "VIOLATED"),
        (paid(), reading(1, 16, [EMPTY]), GROWS, "INCONCLUSIVE"),
        (order().submit(0, 5).query(6, 7, "PROCESSING"), reading(1, 50, [EMPTY]), WHOLE, "INCONCLUSIVE"),
        (order().submit(0, 5).query(6, 7, "FAILED"), reading(1, 50, [EMPTY]), WHOLE, "INCONCLUSIVE"),
        (order().submit(0, 5).query(6, 7, "RETURNED"), reading(1, 50, [STATED]), WHOLE, "VIOLATED"),
        (order().submit(0, 5).query(6, 7, "RETURNED"), reading(1, 50, [page(line(), BACK)]), WHOLE, "HELD"),
        # By the ledger: two payouts, which one answer would not tell.
        (paid().pays(8).pays(9).ledger_read(10), reading(1, 50, [STATED]), WHOLE, "VIOLATED"),
        (paid().pays(8).pays(9).ledger_read(60), reading(1, 50, [STATED]), WHOLE, "HELD"),
        (paid().pays(8).pays(9).ledger_read(10), reading(1, 50, [page(line(), line("m3"))]), WHOLE, "HELD"),
        (paid().pays(8).gives_back(9).ledger_read(10), reading(1, 50, [STATED]), WHOLE, "VIOLATED"),
        # One line that stands twice does not stand for two.
        (paid().pays(8).pays(9).ledger_read(10), reading(1, 50, [page(line(), line())]), WHOLE, "VIOLATED"),
        (paid(), reading(1, 50, [STATED]), Promises(), "NOT_APPLICABLE"),
    ],
)
def test_case(one: Order, read: list[Event], promises: Promises, said: str) -> None:
    verdict = word(ID, read, of=one, promises=promises, healed=8)
    assert verdict.result == said, verdict
    if said == "VIOLATED":
        assert verdict.findings[0].order == "A"
        assert "to its end" in verdict.findings[0].summary


def test_a_statement_that_could_not_be_read_says_why() -> None:
    verdict = word(ID, reading(1, 50, [], problem="status 500"), of=paid(), expected=False)
    assert (verdict.result, verdict.reason) == ("INCONCLUSIVE", "the statement could not be read: status 500")
    assert verdict.missing == "whole-statement"


def test_most_readings_failed_so_nothing_is_held() -> None:
    failed = [reading(n, 60 + n, [], problem="status 500") for n in (2, 3)]
    verdict = word(ID, reading(1, 50, [STATED]), *failed, of=paid())
    assert (verdict.result, verdict.reason) == ("INCONCLUSIVE", "most readings of the statement failed: status 500")
    assert verdict.missing == "whole-statement"


def test_a_profile_that_reads_no_statement_exposes_nothing() -> None:
    assert word(ID, of=paid(), expected=False).result == "NOT_APPLICABLE"
