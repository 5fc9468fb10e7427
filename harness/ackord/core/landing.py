"""Estimates the landing window: the time from the acknowledgement until an order is permanently visible, and how long a
merchant should wait before "not found" means anything.

Nobody observes the landing itself. A query answered NOT_FOUND proves that the order had not landed when the query
began. A query that shows the order proves that it had landed when that answer was complete. Each order thus gives an
interval, open on the left and closed on the right. The interval of an order that was not shown again has no right end:
it is censored where the order was last asked for, as in the estimate of Kaplan and Meier, and says nothing of later
times. Such an order is *lost* only if it was still not found at the end, after every fault was healed. The
distribution is estimated from these intervals without assuming its form, by the non-parametric maximum likelihood
estimate of B. W. Turnbull, *The empirical distribution function with arbitrarily grouped, censored and truncated data*,
J. R. Statist. Soc. B 38 (1976), 290-295.

The confidence bounds do not use the estimate. They are order statistics of the right ends, which cannot be earlier than
the landings (binomial, distribution-free). For no failure in n orders the bound on the share of failures is 1 -
0.05^(1/n).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .clock import MS
from .history import Exchange, History, OrderHistory
from .operation import OperationKind

__all__ = ["CONFIDENCE", "LandingInterval", "LandingWindow", "estimate", "interval_of", "orders_needed", "turnbull"]

CONFIDENCE = 0.95

_ENDLESS = 1 << 62
_ROUNDED_FROM = 2_000
"""If there are more distinct intervals than this, they are rounded outwards to a 64th of their size to bound the cost.
"""
_WORK = 3_000_000
"""Upper bound of the estimate's cost: intervals times iterations."""
_TOLERANCE = 1e-7
_TRACE = 0.1
"""Less than this share of one order's weight in a cell is what the iteration left there."""


class LandingInterval(NamedTuple):
    """The interval (left, right] in which one order landed, in nanoseconds from its acknowledgement."""

    left_ns: int
    """When the last query that was answered NOT_FOUND began; 0 if there was none."""
    right_ns: int | None
    """When the first answer that showed the order permanently was complete; ``None``: it was not shown again."""
    asked_ns: int = 0
    """When the first query after the acknowledgement began."""
    lost: bool = False
    """Whether the order was not shown again, although it was asked for to the end of a whole run."""


@dataclass(frozen=True, slots=True)
class LandingWindow:
    """The landing window of a run. Durations are in nanoseconds from the acknowledgement; ``None`` where there is too
    little data.
    """

    orders: int
    """Acknowledged orders that were queried afterwards."""
    seen_missing: int
    """Orders of these that were reported as not found after the acknowledgement."""
    never_shown: int
    """Orders of these that were lost: still reported as not found at the end, after every fault was healed."""
    not_asked_again: int
    """Orders of these that were not asked for again after a NOT_FOUND: censored there."""
    p50_ns: int | None
    p90_ns: int | None
    p99_ns: int | None
    """A quantile of the maximum likelihood estimate, as are the fields beside it. If it is undecided within an
    interval, the right end is given.
    """
    max_ns: int | None
    """The latest right end."""
    p99_upper_ns: int | None
    """With 95 % confidence, at least 99 % of the orders land within this."""
    p99_orders_needed: int
    """Number of orders needed for this bound."""
    asked_at_once: int
    """Orders whose first query began within the exposure window."""
    visible_at_once_share: float | None
    """With 95 % confidence, at least this share of the orders is visible at once; ``None`` when some order was missed
    or no order was queried in time.
    """
    recommended_buffer_ms: int | None
    """How long after the acknowledgement a merchant should ignore NOT_FOUND: the upper bound, or, with too few orders
    for one, the shortest time that fits all that was seen. ``None``: an order was lost, so no time is enough, or some
    were not asked for again, so none is known.
    """


def interval_of(order: OrderHistory, final_ns: int | None = None) -> LandingInterval | None:
    """Return the landing interval of one order; ``None`` if it was not acknowledged, or no later query got an answer
    about it. An order that was not found by a query that began at ``final_ns`` or later, and not shown again, is lost;
    ``None``: the run has no end that is worth the name.
    """
    acked_ns = order.acknowledged_ns
    if acked_ns is None:
        return None
    answers = order.answers
    asked = bisect_right(answers.read_begins, acked_ns)
    if asked == len(answers.read_begins):
        return None
    left_ns = gone_ns = -1
    if answers.missing and answers.missing[-1].begin_ns > acked_ns:
        gone_ns = answers.missing[-1].begin_ns
        left_ns = gone_ns - acked_ns
    shown_ns = _first_shown_ns(answers.states, gone_ns)
    right_ns = None if shown_ns is None else max(0, shown_ns - acked_ns)
    if right_ns is None and left_ns < 0:
        return None
    lost = right_ns is None and final_ns is not None and gone_ns >= final_ns
    return LandingInterval(max(0, left_ns), right_ns, answers.read_begins[asked] - acked_ns, lost)


def _first_shown_ns(states: list[Exchange], after_ns: int) -> int | None:
    """Return when the first query that showed the order was complete, of those that were later than ``after_ns``."""
    query = OperationKind.QUERY
    first_ns: int | None = None
    for x in states:  # sorted by begin, and read by position, because this runs for every order of a run
        if first_ns is not None and x[6] >= first_ns:
            break
        done_ns = x[7]
        if x[2] is query and done_ns is not None and done_ns > after_ns and (first_ns is None or done_ns < first_ns):
            first_ns = done_ns
    return first_ns


def estimate(source: History | Iterable[LandingInterval], *, at_once_ns: int | None = None) -> LandingWindow | None:
    """Estimate the landing window of a history, or of intervals; ``None`` when no order gives an interval.

    ``at_once_ns`` says how soon a query must have begun to count for ``visible_at_once_share``. ``None`` means any
    time; a history brings its own value.
    """
    if isinstance(source, History):
        at_once_ns = source.header.exposure_window_ns
        final_ns = source.settled_ns()
        intervals = [i for order in source.orders if (i := interval_of(order, final_ns)) is not None]
    else:
        intervals = list(source)
    if not intervals:
        return None
    missing = sum(i.left_ns > 0 for i in intervals)
    rights = sorted(_ENDLESS if i.right_ns is None else i.right_ns for i in intervals)
    at_once = sum(at_once_ns is None or i.asked_ns <= at_once_ns for i in intervals)
    upper_ns = _upper_bound(rights, 0.99)
    masses = turnbull(intervals)
    finite = [ns for ns in rights if ns != _ENDLESS]
    lost = sum(i.lost for i in intervals)
    buffer_ns = None if lost else upper_ns if upper_ns is not None else _shortest(masses, len(intervals))
    if not missing:
        buffer_ns = 0
    return LandingWindow(
        orders=len(intervals),
        seen_missing=missing,
        never_shown=lost,
        not_asked_again=len(rights) - len(finite) - lost,
        p50_ns=_quantile(masses, 0.5),
        p90_ns=_quantile(masses, 0.9),
        p99_ns=_quantile(masses, 0.99),
        max_ns=finite[-1] if finite else None,
        p99_upper_ns=upper_ns,
        p99_orders_needed=orders_needed(0.99),
        asked_at_once=at_once,
        visible_at_once_share=(1 - CONFIDENCE) ** (1 / at_once) if at_once and not missing else None,
        recommended_buffer_ms=None if buffer_ns is None else -(-buffer_ns // MS),
    )


def orders_needed(share: float) -> int:
    """Return how many orders without a failure prove with 95 % confidence that at least ``share`` of all orders are
    without one.
    """
    return math.ceil(math.log(1 - CONFIDENCE) / math.log(share))


def _upper_bound(rights: list[int], share: float) -> int | None:
    """Return the smallest order statistic that, with 95 % confidence, is not below the quantile ``share``.

    The number of orders beyond the quantile is binomial (n, 1 - share). The ``d`` largest may be left out if P(at most
    ``d`` beyond) is at most 5 %.
    """
    n = len(rights)
    beyond = 1 - share
    total = 0.0
    best: int | None = None
    for d in range(n):
        log_mass = (
            math.lgamma(n + 1) - math.lgamma(d + 1) - math.lgamma(n - d + 1)
            + d * math.log(beyond) + (n - d) * math.log(share)
        )  # fmt: skip
        total += math.exp(log_mass)
        if total > 1 - CONFIDENCE:
            break
        best = d
    if best is None or rights[n - 1 - best] == _ENDLESS:
        return None
    return rights[n - 1 - best]


def _shortest(masses: list[tuple[int | None, float]], orders: int) -> int | None:
    """Return the right end of the last innermost interval that holds more than a trace of mass: the shortest time that
    every order's interval allows. ``None`` if that lies beyond what was asked.
    """
    return next(right_ns for right_ns, mass in reversed(masses) if mass > _TRACE / orders)


def _quantile(masses: list[tuple[int | None, float]], share: float) -> int | None:
    total = 0.0
    for right_ns, mass in masses:
        total += mass
        if total >= share - 1e-6:
            return right_ns
    return None


def turnbull(intervals: Iterable[LandingInterval]) -> list[tuple[int | None, float]]:
    """Return Turnbull's estimate: ``(right end of an innermost interval, its mass)``, sorted by time; the last end may
    be ``None``.

    Ends are coded so that the order of codes is the order in time: ``2 x`` for a right end ``x`` (inclusive), ``2 x +
    1`` for a left end (exclusive). A left end of 0 includes the instant of the acknowledgement. An innermost interval
    is a left end directly followed by a right end.
    """
    coded = Counter(
        (2 * i.left_ns + 1 if i.left_ns else -1, 2 * (_ENDLESS if i.right_ns is None else i.right_ns))
        for i in intervals
    )
    if len(coded) > _ROUNDED_FROM:
        rounded: Counter[tuple[int, int]] = Counter()
        for (left, right), n in coded.items():
            rounded[_rounded(left, up=False) | 1 if left > 0 else left, _rounded(right, up=True)] += n
        coded = rounded
    lefts: list[int] = []
    rights: list[int] = []
    open_left: int | None = None
    for end in sorted({end for pair in coded for end in pair}):
        if end & 1:
            open_left = end
        elif open_left is not None:
            lefts.append(open_left)
            rights.append(end)
            open_left = None
    spans = Counter[tuple[int, int]]()
    for (left, right), n in coded.items():
        spans[bisect_left(lefts, left), bisect_right(rights, right)] += n
    masses = _self_consistent(spans, len(lefts))
    return [(None if r == 2 * _ENDLESS else r // 2, mass) for r, mass in zip(rights, masses, strict=True)]


def _self_consistent(spans: Counter[tuple[int, int]], cells: int) -> list[float]:
    """Return the masses of the cells at Turnbull's fixed point: each interval distributes its weight over its cells in
    proportion to their masses.
    """
    total = sum(spans.values())
    masses = [1 / cells] * cells
    items = [(a, b, n) for (a, b), n in spans.items()]
    for _ in range(max(50, min(5_000, _WORK // (len(items) + cells)))):
        below = [0.0] * (cells + 1)
        for j, mass in enumerate(masses):
            below[j + 1] = below[j] + mass
        slope = [0.0] * (cells + 1)
        for a, b, n in items:
            weight = n / (below[b] - below[a])
            slope[a] += weight
            slope[b] -= weight
        moved = 0.0
        weight = 0.0
        for j, mass in enumerate(masses):
            weight += slope[j]
            masses[j] = mass * weight / total
            moved = max(moved, abs(masses[j] - mass))
        if moved < _TOLERANCE:
            break
    return masses


def _rounded(code: int, *, up: bool) -> int:
    """Return the nearest even code in the given direction that has at most seven significant bits."""
    shift = max(1, code.bit_length() - 7)
    return (-(-code >> shift) if up else code >> shift) << shift
