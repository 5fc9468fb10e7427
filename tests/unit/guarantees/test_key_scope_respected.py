"""Key scope respected: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.promises import Promises
from ackord.guarantees.key_scope_respected import GUARANTEE, ID

from .build import Order
from .cases import Case, check, table


def ours(o: Order) -> Order:
    return o.submit(0, 5, id="a")


NUMBER = "E-2017-000042"
"""A number that a provider may use as the order's identifier."""


def named(o: Order) -> Order:
    """Our order, whose identifier is the number."""
    o.number = NUMBER
    return o.submit(0, 5, id=f"tr_{NUMBER}")


@table(
    Case("they see nothing", "held", lambda o: ours(o).query(6, 7, "NOT_FOUND", account="theirs")),
    Case("they see our order", "VIOLATED", lambda o: ours(o).query(6, 7, account="theirs")),
    Case(
        "they see what they submitted",
        "none",
        lambda o: ours(o).submit(5, 6, id="b", account="theirs").query(7, 8, account="theirs"),
    ),
    Case(
        "their submit may have arrived",
        "none",
        lambda o: ours(o).submit(5, account="theirs").query(7, 8, account="theirs"),
    ),
    Case("their own order", "held", lambda o: ours(o).submit(6, 7, id="b", account="theirs")),
    Case("our order for their submit", "VIOLATED", lambda o: ours(o).submit(6, 7, id="a", account="theirs")),
    Case(
        "our order as their duplicate",
        "VIOLATED",
        lambda o: ours(o).submit(6, 7, "DUPLICATE", id="a", account="theirs"),
    ),
    Case("a conflict with ours", "VIOLATED", lambda o: ours(o).submit(6, 7, "CONFLICT", account="theirs")),
    Case(
        "a conflict with their own",
        "held",
        lambda o: (
            ours(o).submit(6, 7, id="b", account="theirs").resubmit(8, 9, "CONFLICT", account="theirs", payload="p2")
        ),
    ),
    Case("asked before we acknowledged", "none", lambda o: ours(o).query(4, 5, "NOT_FOUND", account="theirs")),
    Case("nobody else", "none", lambda o: ours(o).query(6, 7)),
    Case(
        "errors are no evidence",
        "none",
        lambda o: ours(o).query(6, 7, "RETRYABLE", account="theirs").query(8, account="theirs"),
    ),
    Case(
        "the same identifier, made of the number, and another order",
        "held",
        lambda o: named(o).submit(6, 7, id=f"tr_{NUMBER}", account="theirs", sent=107, amount=107),
    ),
    Case(
        "the same identifier, made of the number, and no amount to tell",
        "held",
        lambda o: named(o).submit(6, 7, id=f"tr_{NUMBER}", account="theirs", sent=107),
    ),
    Case(
        "our order under an identifier that is made of the number",
        "VIOLATED",
        lambda o: named(o).submit(6, 7, id=f"tr_{NUMBER}", account="theirs", sent=107, amount=100),
    ),
    Case(
        "the same identifier, whatever it is made of, and two orders",
        "held",
        lambda o: ours(o).submit(6, 7, id="a", account="theirs", sent=107, amount=107).query(8, 9, id="a", amount=100),
    ),
    Case(
        "the same identifier, and theirs took the place of ours",
        "VIOLATED",
        lambda o: ours(o).submit(6, 7, id="a", account="theirs", sent=107, amount=107).query(8, 9, id="a", amount=107),
    ),
    Case(
        "an identifier of ours that is not made of the number, with their amount",
        "VIOLATED",
        lambda o: ours(o).submit(6, 7, id="a", account="theirs", sent=107, amount=107),
    ),
)
def test_case(case: Case) -> None:
    check(ID, case)


def test_a_contract_without_scopes_is_left_alone() -> None:
    assert (
        GUARANTEE.not_applicable(Promises(key_scoped_by_account=False))
        == "the contract does not scope numbers by account"
    )
    assert GUARANTEE.not_applicable(Promises(several_accounts=False)) == "the contract has one account only"
