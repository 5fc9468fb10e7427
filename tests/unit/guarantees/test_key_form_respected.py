"""Key form respected: histories on each side of its edge."""

from __future__ import annotations

from ackord.core.key_promises import KeyAnswer, KeyPromises
from ackord.core.promises import Promises
from ackord.core.verdict import Result
from ackord.guarantees.judge import judge
from ackord.guarantees.key_form_respected import GUARANTEE, ID

from .build import history, order
from .cases import Case, check, table

STRICT = Promises(keys=KeyPromises(None, (), KeyAnswer.REJECT, KeyAnswer.REJECT, 40, KeyAnswer.REJECT, True))
LENIENT = Promises(keys=KeyPromises(None, (), KeyAnswer.ACCEPT, KeyAnswer.ACCEPT, 40, KeyAnswer.ACCEPT, True))


@table(
    Case("no key, refused", "held", lambda o: o.submit(0, 5, "REJECTED", variation="key-missing"), STRICT),
    Case("no key, taken", "VIOLATED", lambda o: o.submit(0, 5, variation="key-missing"), STRICT),
    Case("an empty key, taken", "VIOLATED", lambda o: o.submit(0, 5, variation="key-empty"), STRICT),
    Case("an overlong key, cut off and taken", "VIOLATED", lambda o: o.submit(0, 5, variation="key-overlong"), STRICT),
    Case("a conflict refuses as well", "held", lambda o: o.submit(0, 5, "CONFLICT", variation="key-overlong"), STRICT),
    Case("a duplicate is known", "VIOLATED", lambda o: o.submit(0, 5, "DUPLICATE", variation="key-overlong"), STRICT),
    Case("no key, taken as promised", "held", lambda o: o.submit(0, 5, variation="key-missing"), LENIENT),
    Case(
        "no key, refused all the same", "VIOLATED", lambda o: o.submit(0, 5, "REJECTED", variation="key-empty"), LENIENT
    ),
    Case("another case, of its own", "held", lambda o: o.submit(0, 5, variation="key-other-case"), STRICT),
    Case("another case, known", "VIOLATED", lambda o: o.submit(0, 5, "CONFLICT", variation="key-other-case"), STRICT),
    Case("nothing is decided", "none", lambda o: o.submit(0, 5, "RETRYABLE", variation="key-missing"), STRICT),
    Case("no answer", "none", lambda o: o.submit(0, variation="key-missing"), STRICT),
    Case("a usual key", "none", lambda o: o.submit(0, 5, "CONFLICT"), STRICT),
    Case("nothing is declared", "none", lambda o: o.submit(0, 5, variation="key-missing")),
)
def test_edge(case: Case) -> None:
    check(ID, case)


def test_two_orders_with_one_identifier_are_one_order() -> None:
    first = order("A").submit(0, 5, id="x", variation="key-empty")
    second = order("B").submit(6, 9, id="x", variation="key-empty")
    found = judge(history(first, second, promises=LENIENT), [ID]).of(ID)
    assert found.result is Result.VIOLATED
    assert [f.order for f in found.findings] == ["B"]
    assert "two orders became one" in found.findings[0].summary


def test_two_orders_under_one_label_are_told_apart() -> None:
    both = order("A").submit(0, 5, id="x", variation="key-missing").submit(6, 9, id="y", variation="key-missing")
    assert judge(history(both, promises=LENIENT), [ID]).of(ID).result is Result.HELD


def test_an_order_without_a_key_is_nothing_to_other_guarantees() -> None:
    one = (
        order("A").submit(0, 5, id="x", variation="key-missing").query(6, 7, "NOT_FOUND").pays(8).pays(9).ledger_read(9)
    )
    verdict = judge(history(one, promises=LENIENT))
    assert {g.guarantee for g in verdict.guarantees if g.result in (Result.VIOLATED, Result.UNSAFE)} == set()


def test_it_does_not_apply_where_nothing_is_declared() -> None:
    assert "promises.keys" in GUARANTEE.not_applicable(Promises())
    assert not GUARANTEE.not_applicable(STRICT)


def test_what_follows_from_a_key_is_told_under_it() -> None:
    taken = order("A").submit(0, 5, id="x", variation="key-overlong").query(6, 7, "SUCCEEDED", amount=900)
    verdict = judge(history(taken, promises=STRICT))
    assert verdict.of("order-shown-as-submitted").findings[0].follows_from == ID
