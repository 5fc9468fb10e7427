"""Virtual time: it stands still, moves on when asked, and does what is due in one order only."""

from __future__ import annotations

from functools import partial

from ackord.core.clock import SECOND, Clock, RealClock, VirtualClock, WallClock


def test_it_stands_still_until_somebody_sleeps() -> None:
    clock: Clock = VirtualClock(5)
    assert (clock.now_ns(), clock.now_ns()) == (5, 5)
    clock.sleep_ns(10)
    assert clock.now_ns() == 15
    clock.sleep_ns(-3)
    assert clock.now_ns() == 15


def test_what_is_due_is_done_on_the_way_at_its_own_time() -> None:
    clock = VirtualClock()
    done: list[tuple[str, int]] = []
    clock.call_later(20, lambda: done.append(("late", clock.now_ns())))
    clock.call_at(10, lambda: done.append(("first", clock.now_ns())))
    clock.call_at(10, lambda: done.append(("second", clock.now_ns())))
    clock.call_at(30, lambda: done.append(("never", clock.now_ns())))
    clock.sleep_ns(20)
    assert done == [("first", 10), ("second", 10), ("late", 20)]
    assert clock.now_ns() == 20


def test_an_action_may_ask_for_more() -> None:
    clock = VirtualClock()
    done: list[int] = []

    def again() -> None:
        done.append(clock.now_ns())
        clock.call_later(4, again)

    clock.call_at(0, again)
    clock.sleep_ns(10)
    assert done == [0, 4, 8]


def test_an_instant_that_is_past_means_now() -> None:
    clock = VirtualClock(100)
    done: list[int] = []
    clock.call_at(1, lambda: done.append(clock.now_ns()))
    clock.sleep_ns(0)
    assert done == [100]


def test_run_until_stops_at_the_condition_or_at_the_limit() -> None:
    clock = VirtualClock()
    done: list[int] = []
    for at in (1, 2, 3, 50):
        clock.call_at(at, partial(done.append, at))
    assert clock.run_until(lambda: len(done) == 2, 100)
    assert clock.now_ns() == 2
    assert not clock.run_until(lambda: len(done) == 9, 40)
    assert (clock.now_ns(), done) == (40, [1, 2, 3])
    assert not clock.run_until(lambda: False, 60)
    assert (clock.now_ns(), done) == (60, [1, 2, 3, 50])


def test_the_real_clock_never_goes_back() -> None:
    clock: Clock = RealClock()
    before = clock.now_ns()
    clock.sleep_ns(0)
    clock.sleep_ns(1)
    assert clock.now_ns() >= before
    assert len(RealClock.wall_iso()) == len("2024-01-31T00:00:00Z")
    assert SECOND == 10**9


def test_a_node_s_time_of_day_is_stepped_and_nothing_else_is() -> None:
    wall, machine = WallClock(), WallClock()
    before_ns = RealClock().now_ns()
    for stepped_s in (3600, -90_000, 0):
        wall.stepped_ns = stepped_s * SECOND
        least_s = machine.unix_s() + stepped_s
        assert least_s <= wall.unix_s() <= machine.unix_s() + stepped_s
    assert 0 <= RealClock().now_ns() - before_ns < 3600 * SECOND


def test_a_time_of_day_is_written_to_the_millisecond() -> None:
    machine = WallClock()
    wall = WallClock(1_790_000_000_007 * 1_000_000 - machine.unix_ns())
    seconds, _, milliseconds = wall.iso().rstrip("Z").partition(".")
    assert seconds.startswith("2026-09-21T")
    assert len(milliseconds) == 3
