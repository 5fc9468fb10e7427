"""Explains one finding as the minimal history of one order, in a payment engineer's terms.

One observed violation is a proof. Its minimal form is the projection of the run on one order: the exchanges that prove
it, the first submit, the acknowledgement, the contradicting answers before and after the offending one, and the
movements of money. Omitted exchanges are counted. Instants are relative to the acknowledgement (or else to the order's
first event), at the judged vantage.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, NamedTuple

from ..core.event import CallbackDelivered
from ..core.history import Exchange, History, OrderHistory
from ..core.operation import Observation, OperationKind, Vantage
from ..core.payment_state import NO_MONEY, RANK
from ..core.statement_events import StatedLine
from ..core.statement_readings import STATEMENT
from ..core.verdict import Finding, Result
from ..guarantees.merchant.catalogue import guarantee_named
from ..guarantees.statements import content_of
from .exchange_text import describe, describe_delivery, describe_movement, describe_stated_line, kind_word
from .fault_context import FaultContext
from .format import count, milliseconds, printable, relative

__all__ = ["LINES", "REPEAT", "Explainer", "Explanation", "HistoryLine", "explain_finding"]

LINES = 12
"""The most lines of an order's history that are shown."""


REPEAT = "repeat with"
"""The label of the command that repeats the run."""


class HistoryLine(NamedTuple):
    """One line of the order's history."""

    began: str
    """When the request was sent, ``+3.10 ms``; empty if the line is not a request."""
    ended: str
    """When the answer was complete; ``-`` when there was none."""
    text: str
    offending: bool
    """Whether this line broke the guarantee."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened to which order, under which fault, against which clause. Each text is printable and on one line."""

    guarantee: str
    title: str
    result: Result
    order: str
    account: str
    summary: str
    clock: str
    """The origin of the instants, and the vantage."""
    moments: tuple[HistoryLine, ...]
    left_out: int
    """Number of this order's exchanges that are not shown."""
    staleness: str
    """Age of the fact that the offending answer denies; empty where it has no meaning."""
    faults: tuple[str, ...]
    """Faults that were active, one a line."""
    replication: str
    """Replication lag of the standby; empty if no sample is near."""
    clause: str
    why: str
    safe_policies: tuple[str, ...]
    repeat: str
    follows_from: str = ""
    """The guarantee whose violation by this order is the cause of this one."""

    where: str = ""
    """The profile, and the number of other orders; set by the caller that knows the whole run."""
    label_width: ClassVar[int] = 15

    @property
    def headline(self) -> str:
        return f"{self.result.value}  {self.guarantee}" + (f"  {self.where}" if self.where else "")

    @property
    def opening(self) -> str:
        """Return one sentence: which order broke which guarantee."""
        if self.order == STATEMENT:
            return self.summary[:1].upper() + self.summary[1:]
        owner = f" of account {self.account}" if self.account else ""
        return f"Order {self.order}{owner}: {self.summary}"

    def under(self, where: str) -> Explanation:
        """Return the same sentence with the place of the finding."""
        return replace(self, where=printable(where))

    def text(self, width: int = 110) -> str:
        """Return the whole text. The repeat command is never wrapped, so that it can be copied."""
        return "\n".join(line for _, line in self.lines(width))

    def lines(self, width: int) -> Iterator[tuple[str, str]]:
        """``(kind, line)``; kinds are ``headline``, ``body``, ``head``, ``moment``, ``offending``, ``label`` and
        ``blank``.
        """
        yield from _wrapped("headline", self.headline, width, "  ")
        yield from _wrapped("body", self.opening, width)
        yield "blank", ""
        if self.moments or self.left_out:
            yield "head", self.clock
            yield from self._history(width)
            yield "blank", ""
        for label, paragraph in self.paragraphs():
            lead = label.ljust(self.label_width)
            if label == REPEAT:
                yield "label", lead + paragraph
            else:
                kind = "label" if label else "body"
                yield from _wrapped(kind, paragraph, width, " " * self.label_width, lead)

    def _history(self, width: int) -> Iterator[tuple[str, str]]:
        """Return the history in columns; ``>`` marks the offending line."""
        column = max([9, *(len(part) for m in self.moments for part in m[:2])])
        yield "head", f"  {'sent':>{column}}  {'answered':>{column}}"
        for m in self.moments:
            lead = f"{'>' if m.offending else ' '} {m.began:>{column}}  {m.ended:>{column}}  "
            yield from _wrapped("offending" if m.offending else "moment", m.text, width, " " * (len(lead) + 2), lead)
        if self.left_out:
            yield (
                "head",
                f"  {'...':>{column}}  {'':>{column}}  {count(self.left_out, 'more exchange')} of this order in "
                "the journal",
            )

    def paragraphs(self) -> Iterator[tuple[str, str]]:
        """Return the paragraphs after the history: (label, text), in reading order."""
        if self.staleness:
            yield "how stale", self.staleness
        for i, fault in enumerate(self.faults or ("none at that instant",)):
            yield "active fault" if i == 0 else "", fault
        if self.replication:
            yield "replication", self.replication
        if self.clause:
            yield "broken clause", self.clause
        if self.follows_from:
            yield "follows from", self.follows_from
        if self.result is Result.UNSAFE:
            yield (
                "why not worse",
                "the contract allows this, so no promise is broken; a naive merchant pays twice all the same",
            )
        if self.why:
            yield "what it costs", self.why
        if self.safe_policies:
            yield "safe with it", f"merchants whose policy is {_either(self.safe_policies)}"
        if self.repeat:
            yield REPEAT, self.repeat


class Explainer:
    """Explains the findings of one history, with an index that all findings share."""

    def __init__(self, history: History, *, repeat: str) -> None:
        self._history = history
        self._repeat = repeat

    # It is built on first use, because most runs have nothing to explain.

    @cached_property
    def _orders(self) -> dict[str, OrderHistory]:
        return {order.number: order for order in self._history.orders}

    @cached_property
    def _surroundings(self) -> FaultContext:
        return FaultContext(self._history)

    def explain(self, finding: Finding) -> Explanation:
        order = self.order_of(finding)
        guarantee = guarantee_named(finding.guarantee)
        origin_ns, clock = self._origin(order, finding)
        moments, left_out = self._moments(order, finding, origin_ns)
        offending = _offending(order, finding)
        at_ns = offending.begin_ns if offending is not None else finding.at_ns
        kinds = {x.op: kind_word(x.kind) for x in (*order.exchanges, *order.foreign)}
        return Explanation(
            guarantee=finding.guarantee,
            title=guarantee.title if guarantee else "",
            result=finding.result,
            order=printable(finding.order),
            account=printable(finding.account),
            summary=printable(finding.summary),
            clock=clock,
            moments=moments,
            left_out=left_out,
            staleness=_staleness(order, finding, offending),
            faults=self._surroundings.faults(finding, at_ns, kinds),
            replication=self._surroundings.replication(at_ns),
            clause=guarantee.clause if guarantee else "",
            why=guarantee.why if guarantee else "",
            safe_policies=finding.safe_policies,
            repeat=self._repeat,
            follows_from=printable(finding.follows_from),
        )

    def order_of(self, finding: Finding) -> OrderHistory:
        """Return the history of a finding's order. A merchant may have spent several on one thing: then of them all,
        as far as they prove the finding.
        """
        own = self._orders.get(finding.order) or OrderHistory(finding.order, [], [], None)
        seen = {(x.op, x.copy) for x in (*own.exchanges, *own.foreign)}
        strangers = {key for key in finding.evidence if key not in seen}
        if not strangers:
            return own
        several = [o for o in self._orders.values() if any((x.op, x.copy) in strangers for x in o.exchanges)]
        merged = OrderHistory(
            own.number,
            [x for o in (own, *several) for x in o.exchanges],
            [m for o in (own, *several) for m in o.movements],
            None,
        )
        merged.fingerprint = own.fingerprint  # what is told apart from it is told as another order already
        return merged

    def _origin(self, order: OrderHistory, finding: Finding) -> tuple[int, str]:
        seen = "seen at the provider" if self._history.header.vantage is Vantage.PROVIDER else "seen by the merchant"
        if order.acknowledged_ns is not None:
            return order.acknowledged_ns, f"Times count from the acknowledgement, {seen}."
        instants = [x.begin_ns for x in (*order.exchanges[:1], *order.foreign[:1])] + [m.at_ns for m in order.movements]
        return min(instants, default=finding.at_ns), f"Never acknowledged: times count from its first event, {seen}."

    def _moments(self, order: OrderHistory, finding: Finding, origin_ns: int) -> tuple[tuple[HistoryLine, ...], int]:
        currency = str(self._history.header.options.get("currency", ""))
        money = [m for m in order.movements if m.movement_id in finding.movements] or order.payouts
        money = list({m.movement_id: m for m in money}.values())[: LINES // 3]
        calls = self._deliveries(order)
        shown = _essential(order, finding, LINES - max(1, len(money)) - len(calls))
        # If the ledger is the offence, no single answer is; only the movements are marked.
        offending = None if finding.movements else _offending(order, finding)
        dated = [
            (
                x.begin_ns,
                HistoryLine(
                    relative(x.begin_ns - origin_ns),
                    "-" if x.complete_ns is None else relative(x.complete_ns - origin_ns),
                    describe(x, order, currency),
                    x is offending,
                ),
            )
            for x in shown
        ]
        for call in calls:
            began, ended = (relative(at_ns - origin_ns) for at_ns in (call.sent_ns, call.at_ns))
            line = HistoryLine(began, "-" if call.status is None else ended, describe_delivery(call), False)
            dated.append((call.sent_ns, line))
        for m in money:
            text = describe_movement(m, order, currency)
            dated.append(
                (m.at_ns, HistoryLine("", relative(m.at_ns - origin_ns), text, m.movement_id in finding.movements))
            )
        for stated in _stated_lines(order, finding):
            text = describe_stated_line(stated, currency)
            dated.append((stated.at_ns, HistoryLine("", relative(stated.at_ns - origin_ns), text, False)))
        if not order.movements and order.ledger_read_ns is not None and order.submits:
            at = relative(order.ledger_read_ns - origin_ns)
            dated.append((order.ledger_read_ns, HistoryLine("", at, "ledger: no movement of this order", False)))
        dated.sort(key=lambda pair: pair[0])
        return tuple(m for _, m in dated), len(order.exchanges) + len(order.foreign) - len(shown)

    def _deliveries(self, order: OrderHistory) -> list[CallbackDelivered]:
        """Return callbacks that were passed on to the merchant of a drill: forged ones first, where there are many."""
        calls = self._history.callback_deliveries.get(order.number, ())
        return sorted(calls, key=lambda call: (not call.forged, call.sent_ns))[: LINES // 3]


def _stated_lines(order: OrderHistory, finding: Finding) -> list[StatedLine]:
    """Return the order's lines, where a finding is about a statement, each as it was read first."""
    guarantee = guarantee_named(finding.guarantee)
    if guarantee is None or not guarantee.needs_statement:
        return []
    return list({content_of(line): line for line in reversed(order.lines)}.values())[: LINES // 3]


def explain_finding(finding: Finding, history: History, *, repeat: str) -> Explanation:
    """Explain one finding. ``repeat`` is the command that repeats it."""
    return Explainer(history, repeat=repeat).explain(finding)


def _offending(order: OrderHistory, finding: Finding) -> Exchange | None:
    """Return the offending exchange: the last of the evidence, unless the offence is a movement of money."""
    if not finding.evidence:
        return None
    return next((x for x in (*order.exchanges, *order.foreign) if (x.op, x.copy) == finding.evidence[-1]), None)


def _essential(order: OrderHistory, finding: Finding, room: int) -> list[Exchange]:
    """Return at most ``room`` exchanges, chosen by significance and sorted by begin."""
    everything = [*order.exchanges, *order.foreign]
    by_key = {(x.op, x.copy): x for x in everything}
    offending = _offending(order, finding)
    wanted: list[Exchange] = []
    if offending is not None:
        wanted.append(offending)
    wanted += order.submits[:1]
    wanted += order.acks[:1]
    wanted += [by_key[key] for key in finding.evidence if key in by_key]
    if offending is not None:
        telling = [x for x in order.queries if RANK[x.state] > 0 and x.complete_ns is not None]
        wanted += [x for x in telling if x.begin_ns < offending.begin_ns][-1:]
        wanted += [x for x in telling if x.begin_ns > offending.begin_ns][:1]
        wanted += telling[-1:]
    wanted += [x for x in order.submits if x.copy == 0][:3]
    kept = list({(x.op, x.copy): x for x in wanted}.values())[:room]
    kept.sort(key=lambda x: (x.begin_ns, x.op, x.copy))
    return kept


def _staleness(order: OrderHistory, finding: Finding, offending: Exchange | None) -> str:
    """Only a query can be stale, and only if it knows less than what proves the finding, or denies that money moves."""
    if finding.staleness_ns is None or offending is None or offending.kind is not OperationKind.QUERY:
        return ""
    known = max((RANK[x.state] for x in order.exchanges if (x.op, x.copy) in finding.evidence), default=0)
    gone = offending.observation is Observation.NOT_FOUND
    if not gone and offending.state not in NO_MONEY and RANK[offending.state] >= known:
        return ""
    return f"the offending request was sent {milliseconds(finding.staleness_ns)} after the fact that it denies"


def _either(policies: tuple[str, ...]) -> str:
    return " or ".join(filter(None, [", ".join(policies[:-1]), policies[-1]]))


def _wrapped(kind: str, text: str, width: int, indent: str = "", lead: str = "") -> Iterator[tuple[str, str]]:
    """Wrap ``text`` after ``lead``. Only the first line has ``kind``, unless the whole is offending."""
    lines = textwrap.wrap(text, max(40, width), initial_indent=lead, subsequent_indent=indent, break_long_words=False)
    for i, line in enumerate(lines or [lead]):
        yield kind if i == 0 or kind in ("offending", "headline") else "body", line
