"""The number of orders that a run may submit."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ackord.core.amount_range import AmountRange
from ackord.core.operation import OperationKind
from ackord.workload.order_allowance import OrderAllowance, OrderLimitReached

from .stage import book


def test_what_is_taken_of_a_share_is_taken_of_the_whole() -> None:
    whole = OrderAllowance(100)
    share = whole.share(4)
    assert (share.most, share.left) == (25, 25)
    assert share.take(20)
    assert not share.take(6)
    assert (share.left, whole.left) == (5, 80)
    assert whole.take(78)
    assert share.left == 2
    assert not share.take(3)


@pytest.mark.parametrize(("left", "among", "most"), [(100, 3, 33), (30, 10, 12), (5, 10, 5), (0, 3, 0), (7, 0, 7)])
def test_a_share_is_even_and_never_too_small_to_show_anything(left: int, among: int, most: int) -> None:
    assert OrderAllowance(left).share(among).left == most


def test_threads_never_take_more_than_there_is() -> None:
    allowance = OrderAllowance(500)
    taken: list[bool] = []
    threads = [threading.Thread(target=lambda: taken.extend(allowance.take() for _ in range(200))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 500


def test_processes_that_share_a_file_count_together(tmp_path: Path) -> None:
    one, two = (OrderAllowance(5, shared_at=tmp_path / "orders") for _ in range(2))
    assert one.take(3)
    assert two.left == 2
    assert not two.take(3)
    assert two.share(1).take(2)
    assert not one.take()


def test_the_same_number_of_another_account_is_an_order_and_a_copy_is_none() -> None:
    dealer = book(allowance=OrderAllowance(2))
    order = dealer.create_order()
    assert all(dealer.admits(order.submit()) for _ in range(4)), "resubmissions"
    assert dealer.admits(order.altered()), "a payload that must be refused"
    other = order.as_other_account()
    assert dealer.admits(other.submit())
    assert dealer.admits(other.submit())
    assert dealer.admits(other.query())
    with pytest.raises(OrderLimitReached, match="all 2 orders"):
        dealer.create_order()


def test_another_payload_is_another_order_where_the_contract_says_so() -> None:
    dealer = book(allowance=OrderAllowance(2), other_payload_pays=True)
    order = dealer.create_order()
    altered = order.altered()
    assert dealer.admits(altered)
    assert dealer.admits(altered)
    assert not dealer.admits(order.altered(by_minor=250))
    assert altered.kind is OperationKind.RESUBMIT


def test_no_amount_outside_the_limits_is_admitted() -> None:
    dealer = book(amounts=AmountRange(10, 30, 10))
    order = dealer.create_order()
    assert {dealer.create_order().payment.amount_minor for _ in range(40)} == {10, 20, 30}
    for by in (1, 7, 250, 10**9):
        assert order.altered(by_minor=by).payment.amount_minor in (10, 20, 30)
    with pytest.raises(OrderLimitReached, match="10 to 30 in steps of 10, and this one is 15"):
        dealer.create_order(amount_minor=15)
