"""A standby applies each write late, in order, and none while it is cut off."""

from __future__ import annotations

from ackord.contract.emulate.domain_responses import ProviderMovement, ProviderOrder
from ackord.core.clock import MS, VirtualClock
from ackord.simulation.simulated_standby import BASE_LAG_NS, SimulatedStandby

KEY = ("main", "N-1")
ORDER = ProviderOrder("po_1", "main", "N-1", 100, "EUR", "payee", "ACCEPTED", "A")
MOVED = ProviderMovement(1, "main", "N-1", "po_1", 100, "payout")


def test_orders_and_the_book_arrive_in_the_order_of_their_writes() -> None:
    clock = VirtualClock()
    standby = SimulatedStandby(clock)
    standby.lag_ns = 5 * MS
    standby.write(KEY, ORDER)
    standby.lag_ns = BASE_LAG_NS
    standby.book(MOVED)
    clock.sleep_ns(4 * MS)
    assert (standby.get(KEY), standby.movements(), standby.behind_ns()) == (None, [], 4 * MS)
    clock.sleep_ns(MS)
    assert (standby.get(KEY), standby.movements(), standby.behind_ns()) == (ORDER, [MOVED], 0)


def test_a_cut_one_knows_what_it_knew() -> None:
    clock = VirtualClock()
    standby = SimulatedStandby(clock)
    standby.write(KEY, ORDER)
    standby.cut = True
    clock.sleep_ns(9 * MS)
    assert standby.get(KEY) is None
    standby.cut = False
    assert standby.get(KEY) == ORDER
