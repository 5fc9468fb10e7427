"""An order is shown as it was submitted: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.promises import Promises
from ackord.guarantees.order_shown_as_submitted import ID

from .build import judged, order
from .cases import Case, check, table

UNSCOPED = Promises(key_scoped_by_account=False)


@table(
    Case("as submitted", "held", lambda o: o.submit(0, 5, amount=100).query(6, 7, amount=100)),
    Case("another amount in a query", "VIOLATED", lambda o: o.submit(0, 5, amount=100).query(6, 7, amount=10)),
    Case("another amount in the acknowledgement", "VIOLATED", lambda o: o.submit(0, 5, amount=10)),
    Case("another currency", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, currency="USD")),
    Case("another payee", "VIOLATED", lambda o: o.submit(0, 5).query(6, 7, payee="somebody")),
    Case(
        "currency and payee as submitted", "held", lambda o: o.submit(0, 5, currency="EUR").query(6, 7, payee="payee")
    ),
    Case("nothing is shown", "none", lambda o: o.submit(0, 5).query(6, 7)),
    Case("what was sent is not known", "held", lambda o: o.submit(0, 5, sent=None).query(6, 7, amount=10)),
    Case("before the number was submitted", "none", lambda o: o.query(0, 1, amount=10).submit(2, 5)),
    Case("nobody submitted it", "none", lambda o: o.query(0, 1, amount=10)),
    Case("a refusal shows something else", "none", lambda o: o.submit(0, 5).query(6, 7, "REJECTED", amount=10)),
    Case(
        "another payload's amount after it was sent is judged elsewhere",
        "held",
        lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT", payload="p2", sent=900).query(8, 9, amount=900),
    ),
    Case(
        "an amount that nobody sent, beside another payload",
        "VIOLATED",
        lambda o: o.submit(0, 5).resubmit(6, 7, "CONFLICT", payload="p2", sent=900).query(8, 9, amount=10),
    ),
    Case(
        "another payload's amount before it was sent",
        "VIOLATED",
        lambda o: o.submit(0, 5).query(6, 7, amount=900).resubmit(8, 9, "CONFLICT", payload="p2", sent=900),
    ),
    Case(
        "another account's amount, where numbers belong to no account",
        "held",
        lambda o: (
            o.submit(0, 5, "RETRYABLE").submit(6, 7, account="theirs", payload="p2", sent=7).query(8, 9, amount=7)
        ),
        UNSCOPED,
    ),
    Case(
        "an amount that neither account sent",
        "VIOLATED",
        lambda o: (
            o.submit(0, 5, "RETRYABLE").submit(6, 7, account="theirs", payload="p2", sent=7).query(8, 9, amount=8)
        ),
        UNSCOPED,
    ),
    Case(
        "another account's amount, where numbers belong to accounts",
        "VIOLATED",
        lambda o: (
            o.submit(0, 5, "RETRYABLE").submit(6, 7, account="theirs", payload="p2", sent=7).query(8, 9, amount=7)
        ),
    ),
    Case("a callback with another amount", "VIOLATED", lambda o: o.submit(0, 5).called(6, amount_minor=10)),
    Case("a callback as submitted", "held", lambda o: o.submit(0, 5).called(6, amount_minor=100, currency="EUR")),
    Case(
        "a callback to another account that uses the number",
        "none",
        lambda o: (
            o.submit(0, 5)
            .submit(1, 5, account="theirs", sent=7)
            .called(6, account="theirs", amount_minor=7)
            .called(7, account="", amount_minor=7)
        ),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_the_finding_names_what_is_shown_and_what_was_sent() -> None:
    _, [found] = judged(ID, order().submit(0, 5).query(6, 7, amount=10))
    assert "shows 10 minor units instead of 100 minor units" in found.summary
    _, [found] = judged(ID, order().submit(0, 5).called(6, payee="somebody"))
    assert found.summary == "the callback status shows the payee somebody instead of payee"
