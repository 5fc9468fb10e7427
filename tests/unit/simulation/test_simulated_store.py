"""The store in memory keeps the database's rules, in virtual time."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest

from ackord.contract.emulate.domain_responses import ProviderOrder, ProviderRefund, ReceivedOrder
from ackord.core.clock import MS, SECOND, VirtualClock
from ackord.providers.service.provider_store import KeyRule, ReadLane, StatedWindow
from ackord.simulation.simulated_store import READ_NS, SIMULATED_UNIX_S, WRITE_NS, SimulatedStore
from ackord.simulation.virtual_loop import VirtualLoop

ORDER = ProviderOrder("po_1", "main", "N-1", 100, "EUR", "payee", "ACCEPTED", "A")
AGAIN = ORDER._replace(provider_id="po_2")
REFUND = ProviderRefund("re_1", "R-1", "po_1", "main", "N-1", 60, "EUR", "A")


class Stage:
    def __init__(self, **wish: bool) -> None:
        self.clock = VirtualClock()
        self.loop = VirtualLoop(self.clock)  # type: ignore[abstract]
        self.store = SimulatedStore(self.clock, **wish)

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        task = self.loop.create_task(work)
        self.clock.run_until(task.done, self.clock.now_ns() + SECOND)
        return task.result()


def paid(stage: Stage, order: ProviderOrder = ORDER) -> None:
    stage.do(stage.store.place(order))
    stage.do(stage.store.advance(order.provider_id, "PAID"))
    stage.do(stage.store.move(order, "payout"))


def test_a_number_is_placed_once_and_takes_its_time() -> None:
    stage = Stage()
    assert stage.do(stage.store.place(ORDER)) == (ORDER, True)
    assert stage.clock.now_ns() == WRITE_NS
    assert stage.do(stage.store.place(AGAIN)) == (ORDER, False)
    assert stage.do(stage.store.find(ReadLane.PRIMARY, "main", "N-1")) == ORDER
    assert stage.clock.now_ns() == 2 * WRITE_NS + READ_NS
    assert stage.do(stage.store.find(ReadLane.PRIMARY, "other", "N-1")) is None
    assert stage.do(stage.store.owner_of("N-1")) == "main"
    assert stage.do(stage.store.owner_of("N-2")) is None


def test_without_accounts_a_number_is_one_number() -> None:
    stage = Stage(scoped=False)
    stage.do(stage.store.place(ORDER))
    assert stage.do(stage.store.place(AGAIN._replace(account="other"))) == (ORDER, False)


def test_where_numbers_are_not_unique_the_first_order_stays_visible() -> None:
    stage = Stage()
    for order in (ORDER, AGAIN):
        assert stage.do(stage.store.append(order)) == order
    stage.do(stage.store.advance("po_2", "PROCESSING"))
    stage.clock.sleep_ns(SECOND)
    for lane in (ReadLane.PRIMARY, ReadLane.STANDBY):
        assert stage.do(stage.store.find(lane, "main", "N-1")) == ORDER
    assert stage.do(stage.store.identified("po_2")).status == "PROCESSING"
    assert [order.provider_id for order in stage.do(stage.store.of_node("A", ("PROCESSING",)))] == ["po_2"]


@pytest.mark.parametrize(("later_ms", "ahead_s", "new"), [(0, 0, False), (200, 0, True), (0, 1, True)])
def test_a_key_counts_for_its_time(later_ms: int, ahead_s: int, new: bool) -> None:
    stage = Stage()

    def claim(order: ProviderOrder, ahead_s: int = 0) -> Any:
        return stage.do(stage.store.claim(order, KeyRule(payload_counts=False, retention_ns=100 * MS, ahead_s=ahead_s)))

    assert claim(ORDER) == (ORDER, True)
    stage.clock.sleep_ns(later_ms * MS)
    assert claim(AGAIN, ahead_s=ahead_s)[1] is new


def test_a_key_by_the_caller_s_time_and_one_that_stands_for_a_payload() -> None:
    stage = Stage()

    def claim(order: ProviderOrder, at_s: float) -> Any:
        return stage.do(stage.store.claim(order, KeyRule(payload_counts=True, retention_ns=SECOND, at_s=at_s)))[1]

    assert claim(ORDER, 10.0)
    assert not claim(AGAIN, 11.0)
    assert claim(AGAIN._replace(amount=5), 11.0)
    assert claim(AGAIN._replace(provider_id="po_3"), 11.5)


def test_a_status_only_goes_up() -> None:
    stage = Stage()
    stage.do(stage.store.place(ORDER))
    assert stage.do(stage.store.advance("po_1", "PAID"))
    assert not stage.do(stage.store.advance("po_1", "CANCELLED"))
    assert stage.do(stage.store.advance("po_1", "FAILED", ("PAID",)))
    assert not stage.do(stage.store.advance("po_9", "PAID"))


def test_money_moves_once_for_a_provider_id_and_kind() -> None:
    stage = Stage()
    stage.clock.sleep_ns(3 * SECOND)
    paid(stage)
    assert stage.do(stage.store.move_again([(ORDER, "payout"), (ORDER, "return")])) == 1
    assert stage.do(stage.store.moved("po_1", "return"))
    kinds = [(m.id, m.kind, m.at_s) for m in stage.do(stage.store.movements(None, 0, 9))]
    assert kinds == [(1, "payout", SIMULATED_UNIX_S + 3), (2, "return", SIMULATED_UNIX_S + 3)]
    assert stage.do(stage.store.totals("main")) == (100, 100)
    assert stage.do(stage.store.movements("other", 0, 9)) == []
    assert [m.id for m in stage.do(stage.store.movements("main", 0, 9, 1, ("N-1", "po_1")))] == [2]


def test_a_statement_is_read_where_its_lane_says() -> None:
    stage = Stage()
    for n in range(4):
        paid(stage, ORDER._replace(provider_id=f"po_{n}", order_no=f"N-{n}"))
    window = StatedWindow("main", SIMULATED_UNIX_S, SIMULATED_UNIX_S + 9)
    lines, totals = stage.do(stage.store.statement_page(ReadLane.PRIMARY, window, after=1, limit=2))
    assert ([m.id for m in lines], totals) == ([2, 3], (4, 400, 0))
    newest = stage.do(stage.store.statement_page(ReadLane.PRIMARY, window, after=0, limit=2, skip=1, newest_first=True))
    assert [m.id for m in newest[0]] == [3, 2]
    assert stage.do(stage.store.statement_page(ReadLane.STANDBY, window, after=0, limit=9))[1].lines < 4
    assert [m.id for m in stage.do(stage.store.stated("main", *window[1:], 2, 1))] == [3]


def test_refunds_are_unique_and_never_more_than_was_paid() -> None:
    stage = Stage()
    stage.do(stage.store.place(ORDER))
    refunds = stage.store.refunds
    assert stage.do(refunds.take(REFUND)) is None, "not paid"
    stage.do(stage.store.advance("po_1", "PAID"))
    assert stage.do(refunds.take(REFUND)) == REFUND
    assert stage.do(refunds.take(REFUND._replace(refund_id="re_2"))) == REFUND
    assert stage.do(refunds.take(REFUND._replace(refund_id="re_3", refund_no="R-2"))) is None, "too much"
    assert stage.do(refunds.given_back("po_1")) == 60
    assert stage.do(refunds.unpaid("A")) == [REFUND]
    stage.do(stage.store.move(ORDER._replace(provider_id="re_1", amount=60), "refund"))
    assert stage.do(refunds.unpaid("A")) == []
    assert (stage.store.ledger[0].provider_id, stage.store.ledger[0].refund_no) == ("po_1", "R-1")


@pytest.mark.parametrize(("unique", "added"), [(True, False), (False, True)])
def test_a_refund_is_added_whatever_is_left(unique: bool, added: bool) -> None:
    stage = Stage(unique_refunds=unique)
    stage.do(stage.store.place(ORDER))
    assert stage.do(stage.store.refunds.add(REFUND))
    assert stage.do(stage.store.refunds.add(REFUND._replace(refund_id="re_2"))) is added


def test_what_flaws_and_their_cures_keep() -> None:
    stage = Stage()
    stage.do(stage.store.place(ORDER))
    assert not stage.do(stage.store.is_older("main", "N-1", 50))
    stage.clock.sleep_ns(51 * MS)
    assert stage.do(stage.store.is_older("main", "N-1", 50))
    assert not stage.do(stage.store.is_older("main", "N-9", 0))
    stage.do(stage.store.change("po_1", ReceivedOrder("N-1", 7, "USD", "other")))
    assert stage.do(stage.store.identified("po_1"))[3:6] == (7, "USD", "other")
    assert stage.do(stage.store.told("main", "N-1")) is None
    for level in (1, 3, 2):
        stage.do(stage.store.tell(ORDER, level))
    assert stage.do(stage.store.told("main", "N-1")) == (ORDER, 3)
    assert stage.do(stage.store.cached_status("po_1")) is None
    stage.do(stage.store.cache_status("po_1", "PAID"))
    assert stage.do(stage.store.cached_status("po_1")) == "PAID"
