"""Decides which faults hit a request, from the rules, the seed, the identity and, for a rule with a schedule, the time.

A decision is keyed, never rolled: ``hash(seed, fault, ordinal, operation, attempt)``, so it depends neither on the
order of arrival nor on other rules. There are two exceptions: ``quota``, and ``first`` for requests without a key. A
ramp multiplies the share, so an order that is hit stays hit as the share grows.

``latency``, ``reordered-queries``, ``duplicate-delivery``, ``late-answer`` and ``connection-closed`` combine with any
other fault (the first rule of each that hits). All others decide the outcome of the request or of its answer, so only
one can apply: the first that hits, in the order of the rules. A table in this folder's README says what each
combination means.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from ...core.clock import MS
from ...core.seed import Seed
from ...errors import UnknownNameError, UsageError, did_you_mean
from ..timing.schedule import Schedule
from .fault_params import (
    COMPOSABLE_FAULTS,
    FAULT_PARAMS,
    LATENCY,
    LONGEST_MS,
    QUERY_FAULTS,
    REORDERED,
    STALE,
    checked_params,
)
from .identity import RequestIdentity
from .matching import KNOWN, RequestMatcher, RequestView

__all__ = ["FAULT_PARAMS", "REQUESTED_BY_HEADER", "FaultRule", "RequestFaults", "RuleSet"]

REQUESTED_BY_HEADER = ""
"""The ``source`` of a rule that a request asked for by itself (``ackord-inject``)."""

_LIMITS = ("first", "every", "quota")
_TIMES = ("after_ms", "for_ms", "every_ms", "ramp_ms")


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One fault for a share of the requests that match."""

    fault: str
    share: float
    match: RequestMatcher | None
    """``None``: every request."""
    params: Mapping[str, Any]
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
        fault = data.get("fault", "")
        if not isinstance(fault, str) or fault not in FAULT_PARAMS:
            raise UnknownNameError("fault of the edge", str(fault), FAULT_PARAMS)
        share = data.get("share", 1.0)
        if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1:
            raise UsageError(f"{fault}: share is {share!r}. Expected a number from 0 to 1")
        match, params = data.get("match", {}), data.get("params", {})
        limits, times = data.get("limits", {}), data.get("schedule", {})
        _only(match, KNOWN, f"{fault}: match")
        _only(params, FAULT_PARAMS[fault], f"{fault}: params")
        _only(limits, _LIMITS, f"{fault}: limits")
        for name, value in limits.items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise UsageError(f"{fault}: limits.{name} is {value!r}. Expected a whole number from 1")
        schedule, armed_ns = _schedule(times, fault) if times else (None, 0)
        return cls(
            fault,
            float(share),
            RequestMatcher(match, f"{fault}: match") if any(match.values()) else None,
            checked_params(fault, params),
            limits.get("first"),
            limits.get("every"),
            limits.get("quota"),
            schedule,
            armed_ns,
            json.dumps(data, sort_keys=True, default=list),
        )

    @property
    def is_limited(self) -> bool:
        return bool(self.first or self.every or self.quota)


@dataclass(slots=True)
class RequestFaults:
    """The faults of one request."""

    rules: dict[str, FaultRule] = field(default_factory=dict)
    """The rules that hit, by fault, in the order in which they are to be named."""
    terminal_fault: str = ""
    """The fault that decides the outcome of request or answer; empty: the merchant gets the provider's answer."""
    delay_ns: int = 0
    """Of ``latency``."""
    rank: int = 0
    """Of ``reordered-queries``: the smallest of a window goes first."""

    @property
    def faults(self) -> list[str]:
        """Names of all faults that hit."""
        return list(self.rules)

    def params(self, fault: str) -> Mapping[str, Any] | None:
        """The parameters of ``fault``; ``None``: it does not hit."""
        rule = self.rules.get(fault)
        return None if rule is None else rule.params

    def terminal_params(self) -> Mapping[str, Any]:
        """Return the parameters of the terminal fault. Raises ``KeyError`` without one."""
        return self.rules[self.terminal_fault].params


class _RuleState:
    """Counters of a rule: its only state that depends on the order of arrival."""

    __slots__ = ("firings", "unnamed")

    def __init__(self) -> None:
        self.firings = 0
        self.unnamed = 0
        """Matching requests without a key."""


class RuleSet:
    """The rules of an edge, replaced as a whole."""

    def __init__(self, seed: int, rules: Sequence[Mapping[str, Any]], before: RuleSet | None = None) -> None:
        """``before``: the rules that these replace; a rule that stays keeps its counters.

        Raises ``UsageError`` for an invalid rule.
        """
        self._seed = Seed(seed)
        self.rules = [FaultRule.from_json(rule) for rule in rules]
        tallies: dict[str, _RuleState] = before._tallies if before is not None else {}
        self._tallies: dict[str, _RuleState] = {
            rule.source: tallies.get(rule.source) or _RuleState() for rule in self.rules if rule.is_limited
        }
        self._armed = [(rule, rule.match, rule.share, self._tallies.get(rule.source)) for rule in self.rules]
        self._offsets = {
            (rule.fault, rule.every): self._seed.pick(rule.every, "every", rule.fault)
            for rule in self.rules
            if rule.every
        }
        self.sources = frozenset(rule.source for rule in self.rules)
        """What tells whether a rule is in force."""
        self.looks = any(
            rule.fault in QUERY_FAULTS or (rule.match is not None and rule.match.looks) for rule in self.rules
        )
        """Whether a rule needs more of a request than its identity."""
        self.remembers = any(rule.fault == STALE for rule in self.rules)
        """Whether answers must be remembered."""

    def plan(
        self, who: RequestIdentity, node: str, now_ns: int = 0, shown: RequestView | None = None
    ) -> RequestFaults | None:
        """Return the faults of a request that goes to ``node``, or ``None`` if no fault hits it.

        ``now_ns`` is an instant of the clock by which the rules were armed. ``shown`` is needed if the set ``looks`` or
        if the request asks for a fault. Raises ``UsageError`` for an ``ackord-inject`` that is no fault, or none for
        this request.
        """
        plan: RequestFaults | None = None
        if who.inject:
            plan = RequestFaults()
            asked = _asked_for(who.inject)
            if asked.fault in QUERY_FAULTS and not _is_query(who, shown):
                raise UsageError(f"ackord-inject: {who.inject} hits queries, and this is none")
            self._add(plan, asked, who)
        for rule, match, share, tally in self._armed:
            if match is not None and not match(who, node, shown):
                continue
            if rule.schedule is not None:
                share *= rule.schedule.strength(now_ns - rule.armed_ns)
                if not share:
                    continue
            if rule.fault in QUERY_FAULTS and not _is_query(who, shown):
                continue
            if tally is not None and not self._lets(rule, tally, who):
                continue
            if share < 1 and not self._seed.hits(share, rule.fault, who.ordinal, who.operation, who.attempt):
                continue
            if plan is None:
                plan = RequestFaults()
            if self._add(plan, rule, who) and tally is not None:
                tally.firings += 1
        return plan if plan is not None and plan.rules else None

    def _lets(self, rule: FaultRule, tally: _RuleState, who: RequestIdentity) -> bool:
        """Whether the rule's limits let it hit once more."""
        if rule.first:
            if not who.key:
                tally.unnamed += 1
            if (who.attempt if who.key else tally.unnamed) > rule.first:
                return False
        if rule.every and (who.ordinal + self._offsets[rule.fault, rule.every]) % rule.every:
            return False
        return rule.quota is None or tally.firings < rule.quota

    def _add(self, plan: RequestFaults, rule: FaultRule, who: RequestIdentity) -> bool:
        """Add the rule to the plan; return whether there was room for it."""
        fault = rule.fault
        if fault not in COMPOSABLE_FAULTS:
            if plan.terminal_fault:
                return False
            plan.terminal_fault = fault
        elif fault in plan.rules:
            return False
        elif fault == LATENCY:
            jitter_ms = rule.params["jitter_ms"]
            if jitter_ms:
                jitter_ms = self._seed.between(-jitter_ms, jitter_ms, "jitter", who.ordinal, who.operation, who.attempt)
            plan.delay_ns = round(max(0.0, rule.params["ms"] + jitter_ms) * MS)
            if not plan.delay_ns:
                return False
        elif fault == REORDERED:
            plan.rank = self._seed.bits(fault, "rank", who.ordinal, who.operation, who.attempt)
        plan.rules[fault] = rule
        return True


@lru_cache(maxsize=64)
def _asked_for(fault: str) -> FaultRule:
    return replace(FaultRule.from_json({"fault": fault}), source=REQUESTED_BY_HEADER)


def _is_query(who: RequestIdentity, shown: RequestView | None) -> bool:
    if who.key:
        return who.operation == "query"
    return shown is not None and shown.method == "GET"


def _only(given: Mapping[str, Any], known: Sequence[str] | Mapping[str, Any], where: str) -> None:
    if not isinstance(given, Mapping):
        raise UsageError(f"{where}: expected an object, got {given!r}")
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
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= LONGEST_MS:
            raise UsageError(f"{where}.{name} is {value!r}. Expected milliseconds from 0 to {LONGEST_MS}")
    every_ms = found.get("every_ms")
    if every_ms is not None and (every_ms < 1 or every_ms < found.get("for_ms", LONGEST_MS + 1)):
        raise UsageError(f"{where}.every_ms is {every_ms!r}. Expected at least 1, and at least for_ms, which it needs")
    return Schedule.from_json(found), armed_ns
