"""Orders: what they send, what they learn, and the numbers that they go by."""

from __future__ import annotations

import string
from uuid import UUID

import pytest

from ackord.contract.codec.codec import Interpretation
from ackord.contract.spec.order_numbers import OrderNumberFormat
from ackord.core.amount_range import AmountRange
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.core.seed import Seed
from ackord.workload.order import OrderFactory

from .stage import ACK, ALPHABET, BUSY, NOT_FOUND, OPEN, PAID, book, reading

DUPLICATE = reading(Observation.DUPLICATE)
IN_PROGRESS = reading(Observation.IN_PROGRESS)
REJECTED = reading(Observation.REJECTED)

ALPHABETS = {
    "digits": string.digits,
    "hexadecimal": "0123456789abcdef",
    "everything": string.digits + string.ascii_letters + "-_",
    "letters": string.ascii_uppercase,
    "no zero": "123456789ABCDEFGHJKLMNPQRSTUVWXYZ",
    "two letters": "xy",
    "a letter twice": "aab",
    "umlauts": "äöüß",
}


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
@pytest.mark.parametrize("length", [(1, 40), (16, 32), (32, 32), (36, 36), (24, 64)], ids=str)
def test_numbers_obey_alphabet_and_length_and_never_repeat(alphabet: str, length: tuple[int, int]) -> None:
    dealer = book(form=OrderNumberFormat(alphabet, length))
    ordinals = [*range(1, 400), 999, 1000, 1001, 20_000, 999_999, 1_000_000, 9_999_999]
    numbers = [dealer.number(n) for n in ordinals]
    for number in numbers:
        assert set(number) <= set(alphabet)
        assert length[0] <= len(number) <= length[1]
    assert len(set(numbers)) == len(ordinals)


def test_what_was_dealt_is_ours_and_nothing_else_is() -> None:
    dealer = book()
    dealt = dealer.create_order().payment.order_no
    assert dealer.owns(dealt), "the ledger's rows are told apart by this"
    assert not dealer.owns(dealer.number(2))


def test_numbers_may_be_uuids_and_may_have_a_prefix() -> None:
    uuids = [book(form=OrderNumberFormat(uuid=True)).number(n) for n in (1, 2)]
    assert len(set(uuids)) == 2 and all(str(UUID(number)) == number for number in uuids)
    assert UUID(uuids[0]).version == 8
    assert book(form=OrderNumberFormat(ALPHABET, (16, 20), "PAY")).number(3) == "PAYRUN0000000003"


def test_numbers_of_digits_alone_read_as_numbers() -> None:
    dealer = OrderFactory(Seed(1), "20240601-", form=OrderNumberFormat(string.digits, (20, 20)), account="main")
    assert dealer.number(17) == "20240601000000000017"


def test_a_run_s_numbers_differ_from_another_run_s() -> None:
    one = OrderFactory(Seed(1), "A1-", form=OrderNumberFormat(ALPHABET, (8, 20)), account="main")
    two = OrderFactory(Seed(1), "A2-", form=OrderNumberFormat(ALPHABET, (8, 20)), account="main")
    assert not {one.number(n) for n in range(100)} & {two.number(n) for n in range(100)}


def test_dealing_depends_on_the_seed_and_the_ordinal_alone() -> None:
    one, two = book(), book()
    assert [one.create_order().payment for _ in range(50)] == [two.create_order().payment for _ in range(50)]
    amounts = [book(amounts=AmountRange(100, 5000)).create_order().payment.amount_minor for _ in range(5)]
    assert all(100 <= amount <= 5000 for amount in amounts)


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


@pytest.mark.parametrize(
    ("number", "resembles"),
    [
        ("RUN-ab12x-0000001", False),  # it was dealt
        ("run-AB12X-0000001", True),
        ("RUN-ab12x-000000", True),
        ("RUN-ab12x-0000001-2", True),
        ("PAY/ab12x-0000099", True),
        ("RUN-0000001", False),
        ("", False),
        ("somebody-else-1", False),
    ],
)
def test_a_number_that_was_made_of_one_of_ours_is_known_again(number: str, resembles: bool) -> None:
    form = OrderNumberFormat(string.ascii_letters + string.digits + "-", (17, 17), "RUN-")
    dealer = OrderFactory(Seed(1), "ab12x-", form=form, account="main")
    assert dealer.create_order().payment.order_no == "RUN-ab12x-0000001"
    assert dealer.resembles(number) is resembles


def test_a_cut_uuid_is_known_again_and_a_short_beginning_is_not() -> None:
    dealer = book(form=OrderNumberFormat(uuid=True))
    number = dealer.create_order().payment.order_no
    assert dealer.resembles(number.upper()) and dealer.resembles(number[:20])
    assert not dealer.resembles(number[:8]) and not dealer.resembles(dealer.number(9))
    assert [payment.order_no for payment in dealer.payments] == [number]
