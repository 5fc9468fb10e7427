"""A brute-force oracle for the status guarantees, for small histories.

It knows nothing of floors, first sights or bisection. The model is an order that a world of its own moves about: it
lands at some instant, its status advances by itself, and may leave a terminal state along declared edges within their
horizons. An answer is a look at that world at one instant, its *point*, somewhere in the closed interval from its begin
to its completion. A set of answers is consistent if some world and some choice of points explain it; the oracle tries
all of them, on a grid that is twice as fine as the instants of the histories.

What is asked of each guarantee:

- visibility (two guarantees): a world with one landing instant, and a point for every query, all at once; - regression:
a status that never loses rank, and a point for every answer, all at once; pair by pair where an edge leads down; -
finality: the same for each *pair* of terminal answers that do not overlap, because answers that overlap prove nothing;
- no false failure: for each answer that reads as failed and each answer that does not overlap it, a world in which both
are true; and money that moved.

From when on the provider has the order is looked for point by point as well: an answer IN_PROGRESS is a look at some
attempt in work, and binds only if no attempt that may have come to nothing explains it.

Indeterminate operations have no answer to explain: they may or may not have taken effect, at any time, and never rule a
world out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from ackord.core.clock import MS
from ackord.core.history import Exchange, OrderHistory
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import MONEY_MOVED, NO_MONEY, RANK, TERMINAL, LaterEdge, PaymentState
from ackord.core.promises import NotFound, Promises, SamePayloadAnswer
from ackord.guarantees import GUARANTEES, JudgeContext

from .build import history
from .random_cases import random_case

STATUS_GUARANTEES = (
    "acknowledged-order-visible",
    "acknowledged-order-not-failed",
    "observed-order-stays-visible",
    "status-never-regresses",
    "terminal-status-final",
)

_S = PaymentState
_SHOWN = tuple(s for s in _S if RANK[s] >= 1)
_HALF = MS // 2
"""The grid: instants are whole milliseconds, points may lie between them."""


@dataclass(frozen=True)
class Look:
    """One complete answer about the status."""

    begin: int
    complete: int
    state: PaymentState
    query: bool


def looks_of(one: OrderHistory) -> list[Look]:
    """The answers that say something of the status, on the half-millisecond grid."""
    looks = []
    for x in one.exchanges:
        if x.complete_ns is None or not counts(one, x):
            continue
        query = x.kind is OperationKind.QUERY
        if query and x.observation is Observation.NOT_FOUND:
            state = _S.NOT_FOUND
        elif x.observation is (Observation.STATUS if query else Observation.ACK):
            state = x.state
        else:
            continue
        if state is not _S.UNKNOWN:
            looks.append(Look(x.begin_ns // _HALF, x.complete_ns // _HALF, state, query))
    return looks


def counts(one: OrderHistory, x: Exchange) -> bool:
    """Whether an answer is one to the merchant: not to a copy of the network, nor perhaps about such a copy."""
    if x.copy:
        return False
    accepted = x.observation in (Observation.ACK, Observation.STATUS)
    end = float("inf") if x.complete_ns is None else x.complete_ns
    return accepted or not any(y.copy and y.op == x.op and y.begin_ns <= end for y in one.exchanges)


def known_since(one: OrderHistory) -> int | None:
    """From when on the provider has the order by its own word, on the half-millisecond grid."""
    words = [
        x.complete_ns // _HALF
        for x in one.exchanges
        if x.complete_ns is not None and counts(one, x) and (_is_word(x) or _is_progress(x))
        if _is_word(x) or not _explained_by_a_loser(one, x)
    ]
    return min(words, default=None)


def _is_word(x: Exchange) -> bool:
    return x.kind is not OperationKind.QUERY and x.observation in (Observation.ACK, Observation.DUPLICATE)


def _is_progress(x: Exchange) -> bool:
    return x.observation is Observation.IN_PROGRESS


def _explained_by_a_loser(one: OrderHistory, progress: Exchange) -> bool:
    """Whether at some point of its interval an attempt was in work that may have come to nothing."""
    assert progress.complete_ns is not None
    points = range(progress.begin_ns // _HALF, progress.complete_ns // _HALF + 1)
    return any(_in_work(x, point) for x in one.submits if x is not progress for point in points)


def _in_work(x: Exchange, point: int) -> bool:
    """Whether ``x`` may be in work then, and come to nothing. What is refused for good may be in work since ever."""
    if x.complete_ns is None:
        return x.begin_ns // _HALF <= point
    if x.observation is Observation.REJECTED:
        return point <= x.complete_ns // _HALF
    lost = x.observation in (Observation.RETRYABLE, Observation.UNREADABLE)
    return lost and x.begin_ns // _HALF <= point <= x.complete_ns // _HALF


class World:
    """Which changes of status are possible when, for one history."""

    def __init__(
        self,
        looks: Sequence[Look],
        edges: Iterable[LaterEdge],
        *,
        all_terminals: bool,
        also: frozenset[PaymentState] = frozenset(),
    ) -> None:
        """``also``: states that are explained besides those of ``looks``."""
        self._first = {s: min(k.complete for k in looks if k.state is s) for s in {k.state for k in looks}}
        self._edges = tuple(edges)
        self._all_terminals = all_terminals
        """Whether two states of one rank may follow each other: so for regression, not so for finality."""
        self._relevant = set(_SHOWN) if not looks else {k.state for k in looks}
        """Pausing in any other state explains nothing; passing through it within an instant is allowed for."""
        self._relevant |= also
        self._reached: dict[
            tuple[PaymentState, tuple[tuple[PaymentState, PaymentState], ...]], frozenset[PaymentState]
        ] = {}

    def _open(self, at: int) -> tuple[tuple[PaymentState, PaymentState], ...]:
        """The declared edges that are open at this instant."""
        return tuple(
            (e.source, e.target)
            for e in self._edges
            if e.within_ns is None or e.source not in self._first or at <= self._first[e.source] + e.within_ns // _HALF
        )

    def reachable(self, source: PaymentState, at: int) -> frozenset[PaymentState]:
        """All that the status can become at this instant, by any number of hops."""
        edges = self._open(at)
        if (source, edges) not in self._reached:
            seen = {source}
            todo = [source]
            while todo:
                here = todo.pop()
                for target in _SHOWN:
                    if target not in seen and (self._rises(here, target) or (here, target) in edges):
                        seen.add(target)
                        todo.append(target)
            self._reached[source, edges] = frozenset(seen & self._relevant) | {source}
        return self._reached[source, edges]

    def _rises(self, source: PaymentState, target: PaymentState) -> bool:
        """A hop that the status may make by itself."""
        if self._all_terminals:
            return RANK[target] >= RANK[source]
        return RANK[target] > RANK[source] and source not in TERMINAL

    def explains(self, looks: Sequence[Look]) -> bool:
        """Whether one run of this world shows every look its state at some point of its interval.

        Depth first: the instants in order, at each the status may move on, then any of the looks that are open may be
        served.
        """
        if not looks:
            return True
        start, end = min(k.begin for k in looks), max(k.complete for k in looks)
        everything = (1 << len(looks)) - 1

        @cache
        def serve(at: int, state: PaymentState, served: int) -> bool:
            if served == everything:
                return True
            if at > end:
                return False
            for there in self.reachable(state, at):
                # Serving is always good, and within one instant the status may pass through several states.
                now = served
                for i, look in enumerate(looks):
                    if look.state is there and look.begin <= at <= look.complete:
                        now |= 1 << i
                if now != served and serve(at, there, now):
                    return True
                overdue = any(look.complete <= at and not now >> i & 1 for i, look in enumerate(looks))
                if not overdue and serve(at + 1, there, now):
                    return True
            return False

        return any(serve(start, s, 0) for s in _SHOWN)


def explains_landing(looks: Sequence[Look], landed_by: int | None) -> bool:
    """Whether there is a landing instant, not after ``landed_by``, and a point for each query on
    its right side of it.
    """
    instants = range(-1, max((k.complete for k in looks), default=0) + 2)
    for landing in instants:
        if landed_by is not None and landing > landed_by:
            break
        fits = all(
            any(
                point <= landing if k.state is _S.NOT_FOUND else point >= landing
                for point in range(k.begin, k.complete + 1)
            )
            for k in looks
        )
        if fits:
            return True
    return False


def verdicts(one: OrderHistory, promises: Promises) -> dict[str, str]:
    """Per status guarantee: ``ok``, ``UNSAFE`` or ``VIOLATED``."""
    looks = looks_of(one)
    known = known_since(one)
    return {
        "acknowledged-order-visible": _visible(looks, known, promises),
        "observed-order-stays-visible": _stays(looks, promises),
        "status-never-regresses": _regresses(looks, promises),
        "terminal-status-final": _final(looks, promises),
        "acknowledged-order-not-failed": _not_failed(one, looks, known, promises),
    }


def _visible(looks: Sequence[Look], known: int | None, promises: Promises) -> str:
    if known is None:
        return "ok"
    missing = [k for k in looks if k.query and k.state is _S.NOT_FOUND]
    if explains_landing(missing, known):
        return "ok"
    if promises.not_found is NotFound.FORBIDDEN:
        return "VIOLATED"
    if promises.not_found is NotFound.INCONCLUSIVE:
        return "UNSAFE"
    within = explains_landing(missing, known + promises.not_found_tolerated_ns // _HALF)
    return "UNSAFE" if within else "VIOLATED"


def _stays(looks: Sequence[Look], promises: Promises) -> str:
    if explains_landing([k for k in looks if k.query], None):
        return "ok"
    return "VIOLATED" if promises.not_found is NotFound.FORBIDDEN else "UNSAFE"


def _regresses(looks: Sequence[Look], promises: Promises) -> str:
    """All answers at once where ranks only rise; else pair by pair.

    With edges that lower the rank, "all at once" would have to tell which of two answers in conflict was the true one,
    before it could say what may follow; that conflict is the business of finality.
    """
    shown = [k for k in looks if RANK[k.state] >= 1]
    replays = promises.on_same_payload is SamePayloadAnswer.REPLAY_ORIGINAL
    if not replays and all(RANK[e.target] >= RANK[e.source] for e in promises.later_edges):
        return "ok" if World(shown, promises.later_edges, all_terminals=True).explains(shown) else "VIOLATED"
    world = World(shown, promises.later_edges, all_terminals=False)
    for pair in _in_sequence(shown, promises):
        if RANK[pair[1].state] < RANK[pair[0].state] and not world.explains(pair):
            return "VIOLATED"
    return "ok"


def _final(looks: Sequence[Look], promises: Promises) -> str:
    shown = [k for k in looks if RANK[k.state] >= 1]
    world = World(shown, promises.later_edges, all_terminals=False)
    for pair in _in_sequence([k for k in shown if k.state in TERMINAL], promises):
        if not world.explains(pair):
            return "VIOLATED"
    return "ok"


def _not_failed(one: OrderHistory, looks: Sequence[Look], known: int | None, promises: Promises) -> str:
    """A failure is false if no world shows it together with one other answer, or with money that moved.

    A refusal of a resubmission reads as FAILED. Where a plain refusal is declared, a false one is unsafe.
    """
    shown = [k for k in looks if RANK[k.state] >= 1]
    if known is None:
        return "ok"
    refusals = [
        Look(x.begin_ns // _HALF, x.complete_ns // _HALF, _S.FAILED, False)
        for x in one.submits
        if x.observation is Observation.REJECTED and x.complete_ns is not None and counts(one, x)
    ]
    declared = promises.on_same_payload in (SamePayloadAnswer.REJECT_PLAIN, SamePayloadAnswer.NEW_MOVEMENT)
    worst = "ok"
    for claims, bad in ((shown, "VIOLATED"), (refusals, "UNSAFE" if declared else "VIOLATED")):
        for claim in claims:
            if claim.state in NO_MONEY and claim.begin > known and _false(one, claim, shown, promises):
                worst = "VIOLATED" if "VIOLATED" in (worst, bad) else bad
    return worst


def _false(one: OrderHistory, claim: Look, shown: Sequence[Look], promises: Promises) -> bool:
    world = World(shown, promises.later_edges, all_terminals=False, also=frozenset({claim.state}))
    unlimited = [LaterEdge(e.source, e.target) for e in promises.later_edges]
    for other in shown:
        replay = promises.on_same_payload is SamePayloadAnswer.REPLAY_ORIGINAL and not other.query
        before = other.complete < claim.begin and other.state in MONEY_MOVED
        after = claim.complete < other.begin and other.state not in NO_MONEY and not replay
        if (before and not world.explains([other, claim])) or (after and not world.explains([claim, other])):
            return True
    if not one.payouts:
        return False
    free = World([], unlimited, all_terminals=False)
    to_failure = claim.state in free.reachable(_S.SUCCEEDED, 0)
    return not to_failure and _S.SUCCEEDED not in free.reachable(claim.state, 0)


def _in_sequence(looks: Sequence[Look], promises: Promises | None = None) -> Iterator[tuple[Look, Look]]:
    """Pairs in real-time order: the second began strictly after the first was complete.

    Under promises that make a resubmission replay the *original* answer, that is not a look at the status now: it comes
    first only.
    """
    replays = promises is not None and promises.on_same_payload is SamePayloadAnswer.REPLAY_ORIGINAL
    for first in looks:
        for second in looks:
            if first.complete < second.begin and (second.query or not replays):
                yield first, second


@dataclass
class Comparison:
    """What came of comparing the judge with brute force."""

    histories: int = 0
    seen: dict[str, dict[str, int]] = field(default_factory=dict)
    """Guarantee -> brute force's verdict -> histories."""
    disagreements: list[str] = field(default_factory=list)

    def text(self) -> str:
        lines = [f"{self.histories:,} histories, {len(self.disagreements)} disagreements"]
        lines += [f"  {name}: {counts}" for name, counts in self.seen.items()]
        return "\n".join(lines + self.disagreements[:5])


def compare(histories: int, seed: int = 1) -> Comparison:
    """Judge and brute force on that many random histories."""
    comparison = Comparison(histories)
    for i in range(histories):
        case, promises = random_case(seed * 10_000_000 + i)
        one = history(case, promises=promises).orders[0]
        expected = verdicts(one, promises)
        context = JudgeContext(promises)
        for name in STATUS_GUARANTEES:
            _, findings = GUARANTEES.get(name).judge(one, context)
            got = findings[0].result.value if findings else "ok"
            counts = comparison.seen.setdefault(name, {})
            counts[expected[name]] = counts.get(expected[name], 0) + 1
            if got != expected[name]:
                comparison.disagreements.append(
                    _disagreement(seed * 10_000_000 + i, name, expected[name], got, one, promises)
                )
    return comparison


def _disagreement(seed: int, name: str, expected: str, got: str, one: OrderHistory, promises: Promises) -> str:
    rows = [
        f"    {x.kind.value:8} [{x.begin_ns // MS}, {x.complete_ns // MS if x.complete_ns is not None else '...'}] "
        f"{x.observation} {x.state.name}"
        for x in one.exchanges
    ]
    edges = ", ".join(f"{e.source.name}->{e.target.name} {e.within_ns}" for e in promises.later_edges)
    return "\n".join([f"seed {seed}: {name}: brute force {expected}, judge {got}; edges {edges}", *rows])
