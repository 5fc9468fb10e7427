"""The landing window against values that can be worked out by hand."""

from __future__ import annotations

import random

import pytest

from ackord.core.clock import MS
from ackord.core.event import Begin, Complete, Event, Phase
from ackord.core.history import History, RunHeader
from ackord.core.landing import LandingInterval, estimate, interval_of, orders_needed, turnbull
from ackord.core.operation import Observation as Seen
from ackord.core.operation import OperationKind as Kind
from ackord.core.operation import Outcome, Vantage
from ackord.core.payment_state import PaymentState as S
from ackord.core.promises import Promises


def history(
    *exchanges: tuple[Kind, int, int | None, Seen | None], window_ns: int | None = None, order: str = "A"
) -> History:
    events: list[Event] = []
    for op, (kind, begin, end, observation) in enumerate(exchanges, 1):
        events.append(
            Begin(begin, Vantage.PROVIDER, op, 0, kind, "ours", order, 1, "p" * (kind is not Kind.QUERY), None, "")
        )
        if end is not None:
            state = S.PROCESSING if observation is Seen.STATUS else S.UNKNOWN
            events.append(Complete(end, Vantage.PROVIDER, op, 0, Outcome.OK, observation, state, None, None, "", None))
    header = RunHeader("c", "p", "provider", Vantage.PROVIDER, 1, Promises(), exposure_window_ns=window_ns)
    return History(header, events)


ACK = (Kind.SUBMIT, 0, 10, Seen.ACK)


def seen(begin: int, end: int | None) -> tuple[Kind, int, int | None, Seen | None]:
    return (Kind.QUERY, begin, end, Seen.STATUS)


def missed(begin: int, end: int) -> tuple[Kind, int, int | None, Seen | None]:
    return (Kind.QUERY, begin, end, Seen.NOT_FOUND)


@pytest.mark.parametrize(
    ("exchanges", "expected"),
    [
        ([ACK, seen(15, 18)], LandingInterval(0, 8, 5)),
        ([ACK, missed(15, 18), seen(20, 25)], LandingInterval(5, 15, 5)),
        ([ACK, missed(15, 18), seen(20, 25), missed(30, 31), seen(40, 44)], LandingInterval(20, 34, 5)),
        ([ACK, missed(15, 18), seen(20, 25), missed(30, 31)], LandingInterval(20, None, 5)),
        ([ACK, seen(12, 50), missed(15, 18)], LandingInterval(5, 40, 2)),
        ([ACK, seen(3, 5), seen(15, 18)], LandingInterval(0, 0, 5)),
        ([ACK, missed(10, 12), seen(15, 18)], LandingInterval(0, 8, 5)),
        ([ACK, seen(3, 5)], None),
        ([ACK], None),
        ([ACK, seen(15, None)], None),
        ([(Kind.SUBMIT, 0, None, None), seen(15, 18)], None),
    ],
    ids=[
        "never missed", "missed, then seen", "missed twice", "never seen again", "a slow sight", "seen before the acknowledgement",
        "asked at the instant of the "
        "acknowledgement", "asked before only", "not asked", "no answer", "not acknowledged",
    ],
)  # fmt: skip
def test_an_orders_interval(
    exchanges: list[tuple[Kind, int, int | None, Seen | None]], expected: LandingInterval | None
) -> None:
    assert interval_of(history(*exchanges).orders[0]) == expected


def test_turnbull_by_hand() -> None:
    """Likelihood p1^2 (p1 + p2) p2 with p1 + p2 = 1 is largest at p1 = 2/3."""
    masses = turnbull([LandingInterval(0, 2), LandingInterval(0, 2), LandingInterval(1, 3), LandingInterval(2, 4)])
    assert [right for right, _ in masses] == [2, 3]
    assert [mass for _, mass in masses] == pytest.approx([2 / 3, 1 / 3], abs=1e-5)


def test_turnbull_of_exact_times_is_their_share() -> None:
    masses = turnbull([LandingInterval(t - 1, t) for t in (3, 3, 5, 9)])
    assert [right for right, _ in masses] == [3, 5, 9]
    assert [mass for _, mass in masses] == pytest.approx([0.5, 0.25, 0.25])


def test_turnbull_of_right_censored_times_is_kaplan_and_meiers() -> None:
    """1 of 5 at time 1; one censored there; then 1 of 3, 1 of 2, and the last: 0.2, 0.8/3, 0.8/3, 0.8/3."""
    masses = turnbull(
        [
            LandingInterval(0, 1),
            LandingInterval(1, None),
            LandingInterval(1, 2),
            LandingInterval(2, 3),
            LandingInterval(3, 4),
        ]
    )
    assert [right for right, _ in masses] == [1, 2, 3, 4]
    assert [mass for _, mass in masses] == pytest.approx([0.2, 0.8 / 3, 0.8 / 3, 0.8 / 3], abs=1e-5)


def test_turnbull_leaves_mass_beyond_what_was_seen() -> None:
    masses = turnbull([LandingInterval(0, 1), LandingInterval(5, None)])
    assert masses == [(1, 0.5), (None, 0.5)]


def test_orders_needed() -> None:
    assert [orders_needed(share) for share in (0.95, 0.99, 0.999)] == [59, 299, 2_995]


@pytest.mark.parametrize(("orders", "bound"), [(298, None), (299, 299), (472, 472), (473, 472), (10_000, 9_917)])
def test_the_upper_bound_is_the_order_statistic_of_the_binomial(orders: int, bound: int | None) -> None:
    """473 is the least n with P(at most 1 of n beyond the 99 % quantile) <= 5 %; at 10,000, 83 of the largest may be
    left out.
    """
    window = estimate([LandingInterval(i - 1, i) for i in range(1, orders + 1)])
    assert window is not None
    assert window.p99_upper_ns == bound
    assert window.p99_orders_needed == 299


def test_the_upper_bound_covers_the_quantile_in_95_of_100_runs() -> None:
    r = random.Random(5)
    covered = 0
    for _ in range(400):
        window = estimate([LandingInterval(t - 1, t) for t in (r.randrange(1, 100_001) for _ in range(500))])
        assert window is not None and window.p99_upper_ns is not None
        covered += window.p99_upper_ns >= 99_000
    assert 0.92 < covered / 400 <= 1


def test_no_failure_in_n_orders() -> None:
    window = estimate([LandingInterval(0, 5 * MS)] * 59)
    assert window is not None
    assert (window.orders, window.seen_missing, window.never_shown, window.asked_at_once) == (59, 0, 0, 59)
    assert window.visible_at_once_share == pytest.approx(0.05 ** (1 / 59))
    assert window.recommended_buffer_ms == 0
    assert (window.p50_ns, window.max_ns, window.p99_upper_ns) == (5 * MS, 5 * MS, None)


def test_an_order_that_was_asked_for_late_proves_nothing_about_at_once() -> None:
    window = estimate([LandingInterval(0, 5, 1), LandingInterval(0, 900, 800)], at_once_ns=10)
    assert window is not None
    assert window.asked_at_once == 1
    assert window.visible_at_once_share == pytest.approx(0.05)
    nobody = estimate([LandingInterval(0, 900, 800)], at_once_ns=10)
    assert nobody is not None and nobody.visible_at_once_share is None


def test_the_recommended_buffer_is_rounded_up() -> None:
    window = estimate([LandingInterval(0, 1), LandingInterval(2 * MS, 3 * MS + 1)])
    assert window is not None
    assert window.recommended_buffer_ms == 4
    assert window.visible_at_once_share is None
    enough = estimate([LandingInterval(1, 2)] * 400 + [LandingInterval(1, 70 * MS)])
    assert enough is not None and enough.recommended_buffer_ms == 70


def test_no_buffer_is_enough_for_an_order_that_never_landed() -> None:
    window = estimate([LandingInterval(0, 1), LandingInterval(5, None, lost=True)])
    assert window is not None
    assert (window.never_shown, window.not_asked_again) == (1, 0)
    assert (window.max_ns, window.recommended_buffer_ms, window.p99_ns) == (1, None, None)


def test_an_order_that_was_not_asked_again_is_censored_and_not_lost() -> None:
    """It may have landed at any time after it was last asked for: Kaplan and Meier leave its mass to the later ones."""
    window = estimate([LandingInterval(0, 1), LandingInterval(1, None), LandingInterval(2, 3)])
    assert window is not None
    assert (window.never_shown, window.not_asked_again) == (0, 1)
    assert (window.p50_ns, window.p90_ns, window.recommended_buffer_ms) == (3, 3, 1)
    beyond = estimate([LandingInterval(0, 1), LandingInterval(5, None)])
    assert beyond is not None
    assert (beyond.not_asked_again, beyond.recommended_buffer_ms, beyond.p99_ns) == (1, None, None)


@pytest.mark.parametrize(
    ("healed_ms", "done", "complete", "lost"),
    [(20, True, True, True), (31, True, True, False), (20, False, True, False), (20, True, False, False)],
    ids=["asked to the end", "not asked after healing", "not settled to the end", "cut off"],
)
def test_an_order_is_lost_only_if_a_whole_run_asked_for_it_to_its_end(
    healed_ms: int, done: bool, complete: bool, lost: bool
) -> None:
    told = history(ACK, missed(15, 18), missed(30, 31))
    phases = [Phase(healed_ms, "settle"), *([Phase(99, "done")] if done else [])]
    window = estimate(History(told.header, [*told.events, *phases], complete=complete))
    assert window is not None
    assert (window.never_shown, window.not_asked_again) == ((1, 0) if lost else (0, 1))


def test_an_order_that_was_asked_late_does_not_lengthen_the_buffer() -> None:
    """A lag of 30 ms: one order was missed at 20 ms and asked for again at 574 ms; the others tell that it need not
    have taken so long.
    """
    quick = [LandingInterval(28 * MS, 33 * MS)] * 20
    window = estimate([*quick, LandingInterval(20 * MS, 574 * MS)])
    assert window is not None
    assert (window.max_ns, window.recommended_buffer_ms) == (574 * MS, 33)


def test_a_history_brings_its_own_window() -> None:
    window = estimate(history(ACK, missed(15, 18), seen(20, 25), window_ns=4))
    assert window is not None
    assert (window.orders, window.seen_missing, window.asked_at_once, window.max_ns) == (1, 1, 0, 15)
    assert estimate(history(ACK)) is None
    assert estimate([]) is None


def test_many_different_intervals_are_rounded_outwards_a_little() -> None:
    """Quantiles stay within one 64th of those of the exact times, never below."""
    r = random.Random(3)
    times = sorted(r.randrange(10**6, 10**8) for _ in range(6_000))
    window = estimate([LandingInterval(t - 1, t) for t in times])
    assert window is not None and window.p50_ns is not None and window.p99_ns is not None
    for estimated, exact in ((window.p50_ns, times[2_999]), (window.p99_ns, times[5_939])):
        assert exact * 63 / 64 <= estimated <= exact * 66 / 64
    assert window.max_ns == times[-1]
