"""Judges a history: applies every chosen guarantee to every order in one pass.

Without an exposure nothing passes. ``HELD`` needs at least one exposure, a complete journal, every required fault
proven effective, answers that can be used (``core/usable_answers.py``), and, where a ledger is needed, one that was
read to its end. A judge that raises gives ``ERROR``. One observed violation stands, whatever else broke.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from ..core.event_index import gc_disabled
from ..core.history import Exchange, History, OrderHistory
from ..core.operation import Observation, OperationKind, Outcome, acknowledges
from ..core.usable_answers import UsableAnswers
from ..core.verdict import Finding, GuaranteeVerdict, Result, Verdict
from .base import GUARANTEES, Guarantee, JudgeContext, load_guarantee_plugins, severity
from .causes import link_causes
from .declared_notes import declared_notes

__all__ = ["FINDINGS_KEPT", "GuaranteeTally", "judge"]

FINDINGS_KEPT = 50
"""Findings kept for each guarantee, the worst first."""


class JudgedGuarantee(Protocol):
    """What counting needs of a guarantee, be it a provider's or a merchant's."""

    @property
    def id(self) -> str: ...

    @property
    def needs_ledger(self) -> bool: ...

    @property
    def needs_statement(self) -> bool: ...


G = TypeVar("G", bound=JudgedGuarantee)


@dataclass(slots=True)
class GuaranteeTally(Generic[G]):
    """Counts the exposures and findings of one guarantee."""

    guarantee: G
    expected: bool = False
    """Whether the profile claims to expose this guarantee."""
    exposures: int = 0
    orders: int = 0
    broken: dict[Result, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    causes: Counter[str] = field(default_factory=Counter)
    """Orders whose findings follow from another guarantee's, by that guarantee."""
    error: str = ""

    def add(self, exposures: int, found: Sequence[Finding]) -> None:
        """Add one order's judgement."""
        if exposures:
            self.exposures += exposures
            self.orders += 1
        if found:
            self._add_findings(found)

    def crashed(self, order: str, error: Exception) -> None:
        """Record that the judge crashed on an order; the other orders are still judged."""
        self.error = self.error or f"the judge crashed on order {order}: {type(error).__name__}: {error}"

    def _add_findings(self, found: Sequence[Finding]) -> None:
        result = Result.VIOLATED if any(f.result is Result.VIOLATED for f in found) else Result.UNSAFE
        self.broken[result] = self.broken.get(result, 0) + 1
        if all(f.follows_from for f in found):
            self.causes[found[0].follows_from] += 1
        self.findings.extend(found)
        if len(self.findings) > 4 * FINDINGS_KEPT:
            self._trim()

    def _trim(self) -> None:
        self.findings.sort(key=severity)
        del self.findings[FINDINGS_KEPT:]

    def verdict(self, history: History, doubt: str = "") -> GuaranteeVerdict:
        """Return the verdict from the counts and from the facts in ``history``. ``doubt``: why it cannot be HELD."""
        self._trim()
        result, reason = self._result(history)
        if result is Result.HELD and doubt:
            result, reason = Result.INCONCLUSIVE, doubt
        violations = sum(self.broken.values())
        caused = bool(violations) and self.causes.total() == violations
        return GuaranteeVerdict(
            self.guarantee.id,
            result,
            self.exposures,
            self.orders,
            violations,
            tuple(self.findings),
            reason,
            self.causes.most_common(1)[0][0] if caused else "",
        )

    def _result(self, history: History) -> tuple[Result, str]:
        for result in (Result.VIOLATED, Result.UNSAFE):
            if result in self.broken:
                return result, ""
        if self.error:
            return Result.ERROR, self.error
        header = history.header
        required = header.requires.get(self.guarantee.id, ())
        if required and not history.effective_faults.intersection(required):
            return Result.INCONCLUSIVE, f"{_faults(required)} never took effect"
        if self.guarantee.needs_ledger and not history.ledger_was_read:
            problem = history.ledger_problem
            return Result.INCONCLUSIVE, f"the ledger was never read to its end{problem and f' ({problem})'}"
        if not self.exposures:
            if self.guarantee.needs_statement and (problem := history.statements.problem):
                return Result.INCONCLUSIVE, f"the statement could not be read: {problem}"
            if self.expected or self.guarantee.id in header.exposes:
                return Result.INCONCLUSIVE, "nothing exposed it: no occasion on which it could have been broken"
            return Result.NOT_APPLICABLE, "the profile does not expose it"
        if not history.complete:
            return Result.INCONCLUSIVE, "the journal was cut off"
        return Result.HELD, ""


def judge(history: History, ids: Sequence[str] | None = None) -> Verdict:
    """Judge ``history`` by the guarantees ``ids`` (all registered ones by default).

    Raises ``UnknownNameError`` for an id that is not registered, and ``UsageError`` for another package's guarantee
    that cannot be loaded.
    """
    load_guarantee_plugins()
    chosen = [GUARANTEES.get(name) for name in (ids if ids is not None else GUARANTEES.names())]
    header = history.header
    promises = header.promises
    refused = {g.id: reason for g in chosen if (reason := g.not_applicable(promises))}
    tallies = [GuaranteeTally(g) for g in chosen if g.id not in refused]
    context = JudgeContext(
        promises,
        exposure_window_ns=header.exposure_window_ns,
        healed_ns=history.healed_ns(),
        end_ns=max((e.at_ns for e in history.events[-1000:]), default=0),
        complete=history.complete,
        first_words=_first_words(history),
        first_op=_first_op(history),
        clock_moves=history.spans_of("clock"),
    )
    with gc_disabled():
        _judge_orders(history, tallies, context)
    answers = UsableAnswers(history)
    judged = {}
    for t in tallies:
        by_ledger = t.guarantee.needs_ledger
        doubt = answers.doubt(reads_queries=not by_ledger, reads_ledger=by_ledger)
        if t.guarantee.needs_statement and history.statements.mostly_failed:
            doubt = doubt or f"most readings of the statement failed: {history.statements.problem}"
        judged[t.guarantee.id] = t.verdict(history, doubt)
    for name, reason in refused.items():
        judged[name] = GuaranteeVerdict(name, Result.NOT_APPLICABLE, 0, 0, reason=reason)
    return Verdict(
        header.contract,
        header.profile,
        header.seed,
        tuple(judged[g.id] for g in chosen),
        history.complete,
        tuple(_notes(history, answers)),
    )


def _judge_orders(history: History, tallies: list[GuaranteeTally[Guarantee]], context: JudgeContext) -> None:
    pairs = [(tally, tally.guarantee.judge) for tally in tallies]
    open_questions = context.promises.unknown
    for order in history.orders:
        broken: list[tuple[GuaranteeTally[Guarantee], int, Sequence[Finding]]] = []
        for tally, judge_order in pairs:
            try:
                exposures, found = judge_order(order, context)
            except Exception as error:
                tally.crashed(order.number, error)
                continue
            if found and tally.guarantee.depends_on in open_questions:
                found = [_undocumented(f) if tally.guarantee.rests_on_it(order, f) else f for f in found]
            if found:
                broken.append((tally, exposures, found))
            elif exposures:
                tally.add(exposures, ())
        if broken:
            _add_broken(order, broken)


def _add_broken(order: OrderHistory, broken: list[tuple[GuaranteeTally[Guarantee], int, Sequence[Finding]]]) -> None:
    """Add one order's findings, with their causes."""
    if len(broken) == 1:
        tally, exposures, found = broken[0]
        tally.add(exposures, found)
        return
    linked = iter(link_causes(order, [f for _, _, found in broken for f in found]))
    for tally, exposures, found in broken:
        tally.add(exposures, [next(linked) for _ in found])


def _first_words(history: History) -> frozenset[str]:
    """Return the words (``Exchange.detail``) in which attempts that came first for their order were turned away.

    They are the provider's ordinary refusals and errors. Words that only later attempts get speak of the earlier ones.
    """
    turned_away = (Observation.REJECTED, Observation.CONFLICT, Observation.RETRYABLE)
    words = set()
    for order in history.orders:
        if order.submits and (first := order.submits[0]).observation in turned_away:
            alone = len(order.submits) == 1 or (first.complete_ns or 0) < order.submits[1].begin_ns
            if alone:  # a copy that was sent at the same time may have been there before it
                words.add(first.detail)
    return frozenset(words)


def _first_op(history: History) -> dict[str, int]:
    """Return, by the provider's identifier, the submit that was acknowledged with it first."""
    if not any(order.key_probes for order in history.orders):
        return {}
    acked: dict[str, Exchange] = {}
    for order in history.orders:
        for x in (*order.submits, *order.key_probes):
            if x.provider_id is not None and acknowledges(x.kind, x.observation):
                first = acked.setdefault(x.provider_id, x)
                if (x.complete_ns or 0) < (first.complete_ns or 0):
                    acked[x.provider_id] = x
    return {provider_id: x.op for provider_id, x in acked.items()}


def _undocumented(found: Finding) -> Finding:
    """Turn a violation of an undocumented promise into UNSAFE: no promise was broken, but a naive
    merchant pays twice.
    """
    if found.result is not Result.VIOLATED:
        return found
    return found._replace(result=Result.UNSAFE, summary=f"{found.summary}; what to expect here is not documented")


def _faults(names: Sequence[str]) -> str:
    return f"fault {names[0]}" if len(names) == 1 else f"none of the faults {', '.join(names)}"


def _notes(history: History, answers: UsableAnswers) -> list[str]:
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
    unread = history.ledger_unread
    if unread:
        why = Counter(unread.values()).most_common(1)[0][0]
        notes.append(
            f"the ledger could not be read for {len(unread)} of {len(history.orders)} orders, and their money is not "
            f"judged: {why}"
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
    notes += declared_notes(history)
    notes += [shortfall.text() for shortfall in answers.shortfalls]
    if not history.orders:
        notes.append("the history holds no orders")
    return notes
