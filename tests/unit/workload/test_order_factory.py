"""Orders are dealt out with numbers that the contract allows, and that tell whose they are."""

from __future__ import annotations

import string
from uuid import UUID

import pytest

from ackord.contract.spec.order_numbers import OrderNumberFormat
from ackord.core.amount_range import AmountRange
from ackord.core.seed import Seed
from ackord.errors import UsageError
from ackord.workload.order_factory import OrderFactory

from .stage import ALPHABET, book

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


@pytest.mark.parametrize("amount", [150.0, 19.99, "150", True])
def test_money_is_a_whole_number_of_minor_units(amount: object) -> None:
    with pytest.raises(UsageError, match="no whole number of minor units"):
        book().create_order(amount_minor=amount)  # type: ignore[arg-type]
    assert book().create_order(amount_minor=150).payment.amount_minor == 150
