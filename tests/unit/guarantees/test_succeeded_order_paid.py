"""A succeeded order is paid: histories on each side of its edge."""

from __future__ import annotations

from dataclasses import replace

from ackord.core.clock import MS
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises
from ackord.guarantees.base import JudgeContext
from ackord.guarantees.succeeded_order_paid import ID, posting_due_ns, why_not_judged

from .build import history, judged, order
from .cases import Case, check, table

PROMPT = Promises(posts_within_ns=10 * MS)
SETTLES = Promises(settles_within_ns=10 * MS)
OPEN = Promises(settles_within_ns=10 * MS, unknown=frozenset({"settles_within"}))
RETURNS = (LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED),)


@table(
    Case("paid", "held", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").pays(8).ledger_read(8), PROMPT),
    Case("not paid", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(18), PROMPT),
    Case("not paid yet", "none", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(17), PROMPT),
    Case(
        "the reading began before the time was over",
        "none",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(30, began=17),
        PROMPT,
    ),
    Case(
        "paid by a later reading",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(9).pays(20).ledger_read(20),
        PROMPT,
    ),
    Case(
        "the payout is gone again",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").pays(9).ledger_read(9).ledger_read(20),
        PROMPT,
    ),
    Case(
        "the time of settling counts where no other is promised",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(18),
        SETTLES,
    ),
    Case(
        "the faults were healed later",
        "none",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(40),
        PROMPT,
        healed=30,
    ),
    Case(
        "no time is promised",
        "UNSAFE",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(8),
    ),
    Case(
        "the time is not documented",
        "UNSAFE",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(18),
        OPEN,
    ),
    Case("not succeeded", "none", lambda o: o.submit(0, 5).query(6, 7, "PROCESSING").ledger_read(30), PROMPT),
    Case("the ledger was not read", "none", lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED"), PROMPT),
    Case(
        "paid by another account, which is judged elsewhere",
        "held",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").pays(8, account="theirs").ledger_read(8),
        PROMPT,
    ),
    Case(
        "only a return",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").pays(18, kind="return").ledger_read(18),
        PROMPT,
    ),
    Case(
        "it failed later",
        "none",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").query(8, 9, "FAILED").ledger_read(30),
        PROMPT,
    ),
    Case(
        "a ledger without returns drops what came back",
        "none",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(30),
        Promises(posts_within_ns=10 * MS, ledger_shows_returns=False, later_edges=RETURNS),
    ),
    Case(
        "a ledger with returns does not",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(30),
        Promises(posts_within_ns=10 * MS, later_edges=RETURNS),
    ),
    Case(
        "another order's ledger was read",
        "none",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(30, of="B"),
        PROMPT,
    ),
    Case(
        "this order's ledger was read",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(30, of="A"),
        PROMPT,
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_says_how_long_the_payout_was_missing() -> None:
    _, [found] = judged(ID, order().submit(0, 5).query(6, 7, "SUCCEEDED").ledger_read(1007), PROMPT)
    assert "the ledger holds no payout of the order: its reading began 1 s later" in found.summary


def test_what_keeps_it_from_being_judged_is_said() -> None:
    assert why_not_judged(PROMPT) == ""
    assert why_not_judged(replace(PROMPT, later_edges=RETURNS)) == ""
    assert why_not_judged(replace(PROMPT, ledger_shows_returns=False)) == ""
    why = why_not_judged(replace(PROMPT, ledger_shows_returns=False, later_edges=RETURNS))
    assert why.startswith("SUCCEEDED may become RETURNED (later_edges), and the contract names no kind of movement")
    assert "no ledger" in why_not_judged(replace(PROMPT, has_ledger=False))


def test_until_when_a_payout_may_be_posted() -> None:
    [one] = history(order().submit(0, 5).query(6, 7, "SUCCEEDED")).orders
    assert posting_due_ns(one, JudgeContext(PROMPT)) == 17 * MS
    assert posting_due_ns(one, JudgeContext(PROMPT, healed_ns=30 * MS)) == 40 * MS
    [other] = history(order().submit(0, 5).query(6, 7, "PROCESSING")).orders
    assert posting_due_ns(other, JudgeContext(PROMPT)) is None
