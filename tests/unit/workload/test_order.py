"""Orders: what they send, what they learn, and the numbers that they go by."""

from __future__ import annotations

import pytest

from ackord.contract.codec.codec import Interpretation
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.errors import UsageError
from ackord.workload.order import check_order

from .stage import ACK, BUSY, NOT_FOUND, OPEN, PAID, book, reading

DUPLICATE = reading(Observation.DUPLICATE)
IN_PROGRESS = reading(Observation.IN_PROGRESS)
REJECTED = reading(Observation.REJECTED)


def test_the_first_write_is_the_submit_and_all_others_resubmit_the_same_payload() -> None:
    order = book().create_order()
    calls = [order.submit(), order.submit(), order.submit(inject="lost-answer")]
    assert [c.kind for c in calls] == [OperationKind.SUBMIT, OperationKind.RESUBMIT, OperationKind.RESUBMIT]
    assert [c.attempt for c in calls] == [1, 2, 3]
    assert {c.payment for c in calls} == {order.payment}
    assert len({c.token for c in calls}) == 3, "whoever waits for one of them does not wait for another"
    assert calls[2].inject == "lost-answer"


def test_an_altered_resubmission_differs_in_the_amount_alone() -> None:
    order = book().create_order()
    order.submit()
    altered = order.altered(by_minor=5)
    assert altered.kind is OperationKind.RESUBMIT
    assert altered.payment == order.payment._replace(amount_minor=order.payment.amount_minor + 5)


def test_queries_count_by_themselves() -> None:
    order = book().create_order()
    order.submit()
    assert [order.query().attempt, order.query().attempt] == [1, 2]
    assert order.submit().attempt == 2


def test_another_account_uses_the_same_number_for_another_order() -> None:
    order = book().create_order()
    other = order.as_other_account()
    assert other.payment.account == "other"
    assert other.payment.order_no == order.payment.order_no
    assert other.payment.amount_minor != order.payment.amount_minor


@pytest.mark.parametrize(
    ("policy", "nodes"),
    [("single", ["", "", "", ""]), ("split", ["A", "B", "B", "B"]), ("rotate", ["B", "A", "B", "A"])],
)
def test_node_policies(policy: str, nodes: list[str]) -> None:
    order = book(policy=policy, nodes=("A", "B")).create_order()
    calls = [order.submit(), order.submit(), order.query(), order.query()]
    assert [c.node for c in calls] == nodes


def test_one_node_is_never_named() -> None:
    order = book(policy="split", nodes=("A",)).create_order()
    assert [order.submit().node, order.query().node] == ["", ""]


def test_what_a_merchant_learns() -> None:
    order = book().create_order()
    submit = order.submit()
    order.learn(submit, None)
    assert order.undecided
    order.learn(submit, BUSY)
    assert order.undecided
    assert not order.acknowledged
    order.learn(submit, ACK)
    assert order.acknowledged
    assert not order.undecided
    order.learn(order.query(), OPEN)
    assert not order.terminal
    order.learn(order.query(), PAID)
    assert order.terminal
    order.learn(order.query(), NOT_FOUND)
    assert order.missing
    assert order.state is PaymentState.SUCCEEDED, "not found is not a state"


@pytest.mark.parametrize("answer", [DUPLICATE, IN_PROGRESS])
def test_what_is_known_is_not_therefore_acknowledged(answer: Interpretation) -> None:
    order = book().create_order()
    order.learn(order.submit(), answer)
    assert order.known
    assert not order.acknowledged
    assert order.undecided is (answer is IN_PROGRESS)


def test_a_refusal_after_an_error_may_be_for_the_error_s_sake() -> None:
    order = book().create_order()
    order.learn(order.submit(), REJECTED)
    assert not order.undecided, "it was refused at once: that is an answer"
    order.learn(order.submit(), BUSY)
    order.learn(order.submit(), REJECTED)
    assert order.undecided
    assert order.put_off
    order.learn(order.submit(), None)
    assert order.undecided
    assert not order.put_off, "it was not answered"


def test_the_answer_to_another_payload_teaches_nothing_of_this_order() -> None:
    order = book().create_order()
    order.submit()
    order.learn(order.altered(), PAID)
    assert not order.terminal
    order.learn(order.as_other_account().query(), PAID)
    assert not order.terminal


def test_an_order_s_number_is_no_order() -> None:
    order = book().create_order()
    check_order(order)
    with pytest.raises(UsageError, match=r"is no order of this merchant\.\n  expected: what merchant\.submit"):
        check_order(order.payment.order_no)
