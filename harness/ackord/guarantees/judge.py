"""Judges a history: applies every chosen guarantee to every order in one pass.

Without an exposure nothing passes. ``HELD`` needs at least one exposure, a complete journal, every required fault
proven effective, answers that can be used (``core/usable_answers.py``), and, where a ledger is needed, one that was
read to its end. A judge that raises gives ``ERROR``. One observed violation stands, whatever else broke.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..core.event_index import gc_disabled
from ..core.history import History, OrderHistory
from ..core.operation import OperationKind, Outcome
from ..core.promises import Promises
from ..core.reasons import Rank
from ..core.usable_answers import FaultSilence, UsableAnswers
from ..core.verdict import Doubt, Finding, GuaranteeVerdict, MissingEvidence, Result, Verdict
from .base import GUARANTEES, Guarantee, JudgeContext, load_guarantee_plugins
from .causes import link_causes
from .declared_notes import declared_notes, tries_variations
from .joint_facts import JointFacts
from .tally import GuaranteeTally

__all__ = ["LAST_EVENTS", "OrderJudge", "judge", "last_ns"]

LAST_EVENTS = 1000
"""Events are recorded nearly in time: the last instant is among these."""


def last_ns(at_ns: Sequence[int]) -> int:
    """Return the instant of the last event of a run; ``at_ns``: of its last events, in the sequence of recording."""
    return max(at_ns[-LAST_EVENTS:], default=0)


def judge(history: History, ids: Sequence[str] | None = None) -> Verdict:
    """Judge ``history`` by the guarantees ``ids`` (all registered ones by default).

    Raises ``UnknownNameError`` for an id that is not registered, and ``UsageError`` for another package's guarantee
    that cannot be loaded.
    """
    header = history.header
    judge_orders = OrderJudge(header.promises, ids)
    orders = history.orders
    ranks = [(0, i) for i in range(len(orders))]
    with gc_disabled():
        facts = JointFacts(varied=tries_variations(header.exposes) or any(order.key_probes for order in orders))
        facts.add(orders, ranks, FaultSilence.of(history))
        context = JudgeContext(
            header.promises,
            exposure_window_ns=header.exposure_window_ns,
            healed_ns=history.healed_ns(),
            end_ns=last_ns([e.at_ns for e in history.events[-LAST_EVENTS:]]),
            complete=history.complete,
            first_words=frozenset(facts.first_words),
            first_op=facts.first_op,
            clock_moves=history.spans_of("clock"),
        )
        judge_orders.add(orders, ranks, context)
    return judge_orders.verdict(history, facts)


class OrderJudge:
    """Judges orders by every chosen guarantee; what it counts of a run's parts adds up to the run's."""

    def __init__(self, promises: Promises, ids: Sequence[str] | None = None) -> None:
        """Raises as ``judge`` does."""
        load_guarantee_plugins()
        self._chosen = [GUARANTEES.get(name) for name in (ids if ids is not None else GUARANTEES.names())]
        self._refused = {g.id: reason for g in self._chosen if (reason := g.not_applicable(promises))}
        self.tallies = [GuaranteeTally(g) for g in self._chosen if g.id not in self._refused]

    def add(self, orders: Sequence[OrderHistory], ranks: Sequence[Rank], context: JudgeContext) -> list[str]:
        """Judge orders, with their ranks. Return the numbers of those that were not judged and added, because a
        guarantee asked ``context`` for what all orders of the run tell together, and it did not know.
        """
        pairs = [(tally, tally.guarantee.judge) for tally in self.tallies]
        open_questions = context.promises.unknown
        left: list[str] = []
        for order, rank in zip(orders, ranks, strict=True):
            exposed: list[tuple[GuaranteeTally[Guarantee], int]] = []
            broken: list[tuple[GuaranteeTally[Guarantee], int, Sequence[Finding]]] = []
            crashed: list[tuple[GuaranteeTally[Guarantee], Exception]] = []
            for tally, judge_order in pairs:
                try:
                    exposures, found = judge_order(order, context)
                except Exception as error:
                    crashed.append((tally, error))
                    continue
                if found and tally.guarantee.depends_on in open_questions:
                    found = [_undocumented(f) if tally.guarantee.rests_on_it(order, f) else f for f in found]
                if found:
                    broken.append((tally, exposures, found))
                elif exposures:
                    exposed.append((tally, exposures))
            if context.asked_in_vain:
                context.asked_in_vain = False
                left.append(order.number)
                continue
            for tally, exposures in exposed:
                tally.exposures += exposures
                tally.orders += 1
            for tally, why in crashed:
                tally.crashed(order.number, why, rank)
            if broken:
                _add_broken(order, rank, broken)
        return left

    def merge(self, tallies: Sequence[GuaranteeTally[Guarantee]]) -> None:
        """Add what another judge of the same guarantees counted of other orders of the run."""
        for own, other in zip(self.tallies, tallies, strict=True):
            own.merge(other)

    def verdict(self, history: History, facts: JointFacts) -> Verdict:
        """Return the verdict of the run. Of ``history`` only what is known beside its orders is read; ``facts``: of all
        its orders.
        """
        header = history.header
        answers = UsableAnswers(facts.answers, blind=history.merchant_is_blind, ledger_was_read=history.ledger_was_read)
        judged = {}
        for t in self.tallies:
            by_ledger = t.guarantee.needs_ledger
            doubt = answers.doubt(reads_queries=not by_ledger, reads_ledger=by_ledger)
            if doubt is None and t.guarantee.needs_statement and history.statements.mostly_failed:
                why = f"most readings of the statement failed: {history.statements.problem}"
                doubt = Doubt(MissingEvidence.WHOLE_STATEMENT, why)
            judged[t.guarantee.id] = t.verdict(history, doubt)
        for name, reason in self._refused.items():
            judged[name] = GuaranteeVerdict(name, Result.NOT_APPLICABLE, 0, 0, reason=reason)
        return Verdict(
            header.contract,
            header.profile,
            header.seed,
            tuple(judged[g.id] for g in self._chosen),
            history.complete,
            tuple(_notes(history, facts, answers)),
        )


def _add_broken(
    order: OrderHistory, rank: Rank, broken: list[tuple[GuaranteeTally[Guarantee], int, Sequence[Finding]]]
) -> None:
    """Add one order's findings, with their causes."""
    if len(broken) == 1:
        tally, exposures, found = broken[0]
        tally.add(exposures, found, rank)
        return
    linked = iter(link_causes(order, [f for _, _, found in broken for f in found]))
    for tally, exposures, found in broken:
        tally.add(exposures, [next(linked) for _ in found], rank)


def _undocumented(found: Finding) -> Finding:
    """Turn a violation of an undocumented promise into UNSAFE: no promise was broken, but a naive
    merchant pays twice.
    """
    if found.result is not Result.VIOLATED:
        return found
    return found._replace(result=Result.UNSAFE, summary=f"{found.summary}; what to expect here is not documented")


def _notes(history: History, facts: JointFacts, answers: UsableAnswers) -> list[str]:
    """Name the kinds of operations that were tried and never succeeded, and what counts for nothing, so that an empty
    pass is noticed.
    """
    counts = history.outcome_counts()
    notes = []
    if not history.complete:
        notes.append("the journal was cut off: what is absent from it proves nothing")
    for kind in OperationKind:
        tried = {outcome: n for (k, outcome), n in counts.items() if k is kind}
        if tried and Outcome.OK not in tried:
            notes.append(f"no {kind.value} ever succeeded at the merchant ({sum(tried.values())} tried)")
    unread, why = history.ledger_unread
    if unread:
        notes.append(
            f"the ledger could not be read for {unread} of {facts.orders} orders, and their money is not judged: {why}"
        )
    statements = history.statements
    if statements.failed:
        notes.append(
            f"{len(statements.failed)} of {len(statements.by_number)} readings of the statement did not come to its "
            f"end: {statements.problem}"
        )
    if answers.silent_ledger:
        notes.append(answers.silent_ledger)
    if unknown := history.unknown_movements:
        stand = "movement in the ledger stands" if unknown == 1 else "movements in the ledger stand"
        notes.append(
            f"{unknown:,} {stand} under numbers of other runs or of somebody else and could not be judged; "
            "with ledger.shared: false in the contract, those that appear during a run are"
        )
    notes += declared_notes(history, facts)
    notes += [shortfall.text() for shortfall in answers.shortfalls]
    if not facts.orders:
        notes.append("the history holds no orders")
    return notes
