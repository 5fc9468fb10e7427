"""Adds up what broken guarantees cost: the money that moved twice, that which moved without an order, and what a
merchant stakes that believes a wrong answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...core.event import Movement
from ...core.result import CampaignResult, ProfileResult
from ...core.verdict import Finding, Result
from ..coverage_text import money_is_unproven
from ..format import count, money, printable

__all__ = ["MoneyCost", "cost_sentence", "money_cost"]

_UNORDERED = frozenset({"cancelled-order-not-paid", "refused-order-not-paid", "unordered-number-not-paid"})
"""Guarantees whose findings name movements that no order asked for."""
_DENIES = frozenset(
    {
        "acknowledged-order-visible",
        "acknowledged-order-not-failed",
        "observed-order-stays-visible",
        "status-never-regresses",
        "terminal-status-final",
        "faults-healed-orders-converge",
        "lost-ack-recoverable",
    }
)
"""Guarantees whose findings are answers that a merchant may take for a failure."""
_BROKEN = (Result.VIOLATED, Result.UNSAFE)


@dataclass(slots=True)
class MoneyCost:
    """What broken guarantees cost, in minor units by currency."""

    twice: Counter[str] = field(default_factory=Counter)
    """What moved beyond the first time, of one order or of one payable thing."""
    times: int = 0
    """How many orders or payable things were paid more than once."""
    unordered: Counter[str] = field(default_factory=Counter)
    at_stake: Counter[str] = field(default_factory=Counter)
    """Amounts of orders with a wrong answer, whose money moved once or is not known to have moved."""
    orders: int = 0
    """The orders at stake."""
    exact: bool = True
    """False: not every order that broke a guarantee is told of, so all of it is a lower bound."""


def money_cost(result: CampaignResult) -> MoneyCost:
    """Return the cost of what was broken under all profiles."""
    cost = MoneyCost()
    for p in result.profiles:
        _add(cost, p)
    return cost


def _add(cost: MoneyCost, p: ProfileResult) -> None:
    broken = [g for g in p.verdict.guarantees if g.result in _BROKEN]
    if not broken:
        return
    cost.exact &= all(len(g.findings) >= g.violations for g in broken)
    findings = [f for g in broken for f in g.findings]
    currency = str(p.history.header.options.get("currency", ""))
    named = {m for f in findings for m in f.movements}
    orders = {o.number: o for o in p.history.orders} if findings else {}
    movements = {m.movement_id: m for o in orders.values() for m in o.movements if m.movement_id in named}
    settled: set[str] = set()
    for together in _merged(f for f in findings if f.guarantee not in _UNORDERED):
        paid = [movements[m] for m in sorted(together) if m in movements and movements[m].kind == "payout"]
        if len(paid) > 1:
            cost.times += 1
            cost.twice[_currency(paid[0], currency)] += sum(m.amount_minor for m in paid) - max(
                m.amount_minor for m in paid
            )
            settled.update(m.order for m in paid)
    for name in {m for f in findings if f.guarantee in _UNORDERED for m in f.movements} & movements.keys():
        cost.unordered[_currency(movements[name], currency)] += movements[name].amount_minor
        settled.add(movements[name].order)
    for number in dict.fromkeys(f.order for f in findings if f.guarantee in _DENIES and f.order not in settled):
        order = orders.get(number)
        sent = [x for x in order.submits if x.sent_amount_minor is not None] if order else []
        if sent:
            cost.orders += 1
            cost.at_stake[sent[0].sent_currency or currency] += sent[0].sent_amount_minor or 0


def _merged(findings: Iterable[Finding]) -> list[set[str]]:
    """Return the movements of the findings, those that share one together: two guarantees may name the same."""
    groups: list[set[str]] = []
    for f in findings:
        mine = set(f.movements)
        if not mine:
            continue
        apart = [g for g in groups if g.isdisjoint(mine)]
        joined = mine.union(*(g for g in groups if not g.isdisjoint(mine)))
        groups = [*apart, joined]
    return groups


def _currency(m: Movement, currency: str) -> str:
    return m.currency or currency


def cost_sentence(result: CampaignResult) -> str:
    """Return in a clause, without its full stop, what was broken costs; empty where nothing was broken."""
    if result.result not in _BROKEN:
        return ""
    cost = money_cost(result)
    least = "" if cost.exact else "at least "
    said = []
    if cost.twice:
        said.append(
            f"money moved more than once for {least}{count(cost.times, 'payment')}: {least}{_sums(cost.twice)} too much"
        )
    if cost.unordered:
        said.append(f"{least}{_sums(cost.unordered)} moved that no order asked for")
    if not said:
        unknown = money_is_unproven(result)
        said.append(
            f"whether money moved twice is not known ({printable(unknown)})"
            if unknown
            else "no money is known to have moved twice"
        )
    if cost.at_stake:
        whose = f"{least}{count(cost.orders, 'order')}"
        said.append(f"a merchant that believes the wrong answers pays {whose} again, {least}{_sums(cost.at_stake)}")
    return "; ".join(said)


def _sums(amounts: Counter[str]) -> str:
    return " and ".join(money(minor, printable(currency)) for currency, minor in sorted(amounts.items()))
