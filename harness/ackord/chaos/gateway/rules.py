"""Decides which faults hit a request, from the rules, the seed, the identity and, for a rule with a schedule, the time.

A decision is keyed, never rolled: ``hash(seed, fault, ordinal, operation, attempt)``, so it depends neither on the
order of arrival nor on other rules. Exceptions: ``quota``, ``first`` for requests of no known operation, and ordinals
of a foreign merchant's orders, which count from the first one. A ramp multiplies the share, so an order that is hit
stays hit as the share grows.

Composable faults combine with any other: of each action the first rule that hits is carried out. All others are
terminal: they decide the outcome of the request or of its answer, so only one can apply, the first that hits, in the
order of the rules. A table in this folder's README says what each combination means.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, TypeVar, cast

from ...core.seed import Seed
from ...errors import UsageError, did_you_mean
from ..faults.edge import EdgeFault, edge_fault
from ..faults.edge_actions import AnswerInstead, DelayAnswer, EdgeAction, HoldAnswer, LoseAnswer
from ..faults.edge_views import KeyedRandom, RequestView
from ..timing.schedule import Schedule
from .identity import READS, RequestIdentity
from .matching import KNOWN, RequestMatcher

__all__ = ["REQUESTED_BY_HEADER", "FaultError", "FaultRule", "RequestFaults", "RuleSet"]

REQUESTED_BY_HEADER = ""
"""The ``source`` of a rule that a request asked for by itself (``ackord-inject``)."""

_LONGEST_MS = 3_600_000
_LIMITS = ("first", "every", "quota")
_TIMES = ("after_ms", "for_ms", "every_ms", "ramp_ms")


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One fault for a share of the requests that match."""

    fault: EdgeFault
    share: float
    match: RequestMatcher | None
    """``None``: every request."""
    first: int | None
    every: int | None
    quota: int | None
    schedule: Schedule | None
    """``None``: always on."""
    armed_ns: int
    source: str
    """What it was read from, the same text for the same rule; or ``REQUESTED_BY_HEADER``."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FaultRule:
        """Raises ``UsageError`` for anything unknown: a misspelled rule must not become a rule that does nothing."""
        _only(data, ("fault", "share", "match", "params", "limits", "schedule"), "a rule")
        params = data.get("params", {})
        _object(params, "params")
        made = edge_fault(data.get("fault", ""), params)
        fault, share = made.fault, data.get("share", 1.0)
        if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1:
            raise UsageError(f"{fault}: share is {share!r}. Expected a number from 0 to 1")
        match, limits, times = data.get("match", {}), data.get("limits", {}), data.get("schedule", {})
        _only(match, KNOWN, f"{fault}: match")
        _only(limits, _LIMITS, f"{fault}: limits")
        for name, value in limits.items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise UsageError(f"{fault}: limits.{name} is {value!r}. Expected a whole number from 1")
        schedule, armed_ns = _schedule(times, fault) if times else (None, 0)
        return cls(
            made,
            float(share),
            RequestMatcher(match, f"{fault}: match") if any(match.values()) else None,
            limits.get("first"),
            limits.get("every"),
            limits.get("quota"),
            schedule,
            armed_ns,
            json.dumps(data, sort_keys=True, default=list),
        )

    @property
    def name(self) -> str:
        """The fault's name."""
        return self.fault.fault

    @property
    def is_limited(self) -> bool:
        return bool(self.first or self.every or self.quota)


A = TypeVar("A", bound=EdgeAction)


def _nothing() -> RequestView:
    return RequestView("", "", list, lambda: None)


class FaultError(Exception):
    """The code of a fault raised."""

    def __init__(self, fault: str, error: Exception) -> None:
        super().__init__(f"{fault}: {error}")
        self.fault = fault
        self.error = error


@dataclass(slots=True)
class RequestFaults:
    """The faults of one request, and what they order to be done for it."""

    rules: dict[str, FaultRule] = field(default_factory=dict)
    """The rules that hit, by fault, in the order in which they are to be named."""
    actions: dict[type[EdgeAction], tuple[FaultRule, EdgeAction]] = field(default_factory=dict)
    terminal: FaultRule | None = None
    """The rule whose fault decides the outcome; ``None``: the merchant gets the provider's answer."""

    @property
    def faults(self) -> list[str]:
        """Names of all faults that hit."""
        return list(self.rules)

    def find(self, kind: type[A]) -> tuple[FaultRule, A] | None:
        """The action of that class, and the rule that it comes from; ``None``: there is none."""
        return cast("tuple[FaultRule, A] | None", self.actions.get(kind))

    @property
    def holds_answer(self) -> bool:
        """Whether the provider's answer must be whole before the merchant gets any of it."""
        if DelayAnswer in self.actions or HoldAnswer in self.actions:
            return True
        return self.terminal is not None and self.terminal.fault.holds_answer()

    @property
    def withholds_answer(self) -> bool:
        """Whether the merchant gets nothing of the provider's answer."""
        return LoseAnswer in self.actions or AnswerInstead in self.actions

    def add(self, rule: FaultRule, request: RequestView, random: KeyedRandom) -> bool:
        """Add a rule that hits; return whether there was room for it."""
        fault = rule.fault
        if rule.name in self.rules or (self.terminal is not None and not fault.composable):
            return False
        try:
            wanted = fault.on_request(request, random)
            # Of another package: what is no collection of actions must not be taken for none.
            if wanted is not None and not all(isinstance(action, EdgeAction) for action in wanted):
                raise TypeError(f"on_request returned {wanted!r}, which is no collection of actions")
        except Exception as error:
            raise FaultError(rule.name, error) from error
        if wanted is None or any(type(action) in self.actions for action in wanted):
            return False
        if not fault.composable:
            self.terminal = rule
        for action in wanted:
            self.actions[type(action)] = rule, action
        self.rules[rule.name] = rule
        return True


class _RuleState:
    """Counters of a rule: its only state that depends on the order of arrival."""

    __slots__ = ("firings", "unnamed")

    def __init__(self) -> None:
        self.firings = 0
        self.unnamed = 0
        """Matching requests of no known operation."""


class RuleSet:
    """The rules of an edge, replaced as a whole."""

    def __init__(self, seed: int, rules: Sequence[Mapping[str, Any]], before: RuleSet | None = None) -> None:
        """``before``: the rules that these replace; a rule that stays keeps its counters.

        Raises ``UsageError`` for an invalid rule.
        """
        self.seed = self._seed = Seed(seed)
        self.rules = [_parsed(json.dumps(rule, sort_keys=True, default=list)) for rule in rules]
        tallies: dict[str, _RuleState] = before._tallies if before is not None else {}
        self._tallies: dict[str, _RuleState] = {
            rule.source: tallies.get(rule.source) or _RuleState() for rule in self.rules if rule.is_limited
        }
        self._armed = [(rule, rule.match, rule.share, self._tallies.get(rule.source)) for rule in self.rules]
        self._offsets = {
            (rule.name, rule.every): self._seed.pick(rule.every, "every", rule.name)
            for rule in self.rules
            if rule.every
        }
        self.sources = frozenset(rule.source for rule in self.rules)
        """What tells whether a rule is in force."""
        self.remembers = any(rule.fault.needs_history for rule in self.rules)
        """Whether answers must be remembered."""

    def plan(
        self, who: RequestIdentity, node: str, now_ns: int = 0, show: Callable[[], RequestView] = _nothing
    ) -> RequestFaults | None:
        """Return the faults of a request that goes to ``node``, or ``None`` if no fault hits it.

        ``now_ns`` is an instant of the clock by which the rules were armed; ``show`` makes the view of the request, and
        is called only if a rule must see it. Raises ``UsageError`` for an
        ``ackord-inject`` that is no fault, or none for this request.
        """
        plan: RequestFaults | None = None
        shown: RequestView | None = None
        if who.inject:
            shown = show()
            plan = RequestFaults()
            random = KeyedRandom(self._seed, who.ordinal, who.operation, who.attempt)
            asked = _asked_for(who.inject)
            if asked.fault.queries_only and not _is_query(who, shown):
                raise UsageError(f"ackord-inject: {who.inject} hits queries, and this is none")
            plan.add(asked, shown, random)
        for rule, match, share, tally in self._armed:
            if match is not None:
                if shown is None and match.looks:
                    shown = show()
                if not match(who, node, shown):
                    continue
            if rule.schedule is not None:
                share *= rule.schedule.strength(now_ns - rule.armed_ns)
                if not share:
                    continue
            if rule.fault.queries_only:
                if shown is None and not who.operation:
                    shown = show()
                if not _is_query(who, shown):
                    continue
            if tally is not None and not self._lets(rule, tally, who):
                continue
            if share < 1 and not self._seed.hits(share, rule.name, who.ordinal, who.operation, who.attempt):
                continue
            if shown is None:
                shown = show()
            if plan is None:
                plan = RequestFaults()
                random = KeyedRandom(self._seed, who.ordinal, who.operation, who.attempt)
            if plan.add(rule, shown, random) and tally is not None:
                tally.firings += 1
        return plan if plan is not None and plan.rules else None

    def _lets(self, rule: FaultRule, tally: _RuleState, who: RequestIdentity) -> bool:
        """Whether the rule's limits let it hit once more."""
        if rule.first:
            if not who.operation:
                tally.unnamed += 1
            if (who.attempt if who.operation else tally.unnamed) > rule.first:
                return False
        if rule.every and (who.ordinal + self._offsets[rule.name, rule.every]) % rule.every:
            return False
        return rule.quota is None or tally.firings < rule.quota


@lru_cache(maxsize=256)
def _parsed(rule: str) -> FaultRule:
    """Parse a rule's JSON. Rules come and go with each arming, and most come again."""
    return FaultRule.from_json(json.loads(rule))


@lru_cache(maxsize=64)
def _asked_for(fault: str) -> FaultRule:
    return replace(FaultRule.from_json({"fault": fault}), source=REQUESTED_BY_HEADER)


def _is_query(who: RequestIdentity, shown: RequestView | None) -> bool:
    return who.operation in READS if who.operation else shown is not None and shown.method == "GET"


def _object(given: Any, where: str) -> None:
    if not isinstance(given, Mapping):
        raise UsageError(f"{where}: expected an object, got {given!r}")


def _only(given: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    _object(given, where)
    for name in given:
        if name not in known:
            raise UsageError(
                f"{where}: nothing is called {name!r}.{did_you_mean(str(name), known)} "
                f"Known: {', '.join(known) or 'none'}"
            )


def _schedule(times: Mapping[str, Any], fault: str) -> tuple[Schedule, int]:
    where = f"{fault}: schedule"
    _only(times, (*_TIMES, "armed_ns"), where)
    armed_ns = times.get("armed_ns", 0)
    if not isinstance(armed_ns, int) or isinstance(armed_ns, bool):
        raise UsageError(f"{where}.armed_ns is {armed_ns!r}. Expected nanoseconds of the machine's monotonic clock")
    found = {name: times[name] for name in _TIMES if times.get(name) is not None}
    for name, value in found.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _LONGEST_MS:
            raise UsageError(f"{where}.{name} is {value!r}. Expected milliseconds from 0 to {_LONGEST_MS}")
    every_ms = found.get("every_ms")
    if every_ms is not None and (every_ms < 1 or every_ms < found.get("for_ms", _LONGEST_MS + 1)):
        raise UsageError(f"{where}.every_ms is {every_ms!r}. Expected at least 1, and at least for_ms, which it needs")
    return Schedule.from_json(found), armed_ns
