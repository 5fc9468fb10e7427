"""Which faults hit a request: a pure function of the rules, the seed and who the request is.

A decision is keyed, never rolled: ``hash(seed, fault, ordinal, operation, attempt)``. ``latency`` and ``duplicate-delivery`` go with
anything. The others decide what becomes of the request or of its answer, so only one of them can count: the first that hits, in the
order of the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.clock import MS
from ...core.seed import Seed
from ...errors import UnknownNameError, UsageError, did_you_mean
from .identity import Identity

__all__ = ["FAULTS", "Plan", "Rule", "RuleSet", "Substitution"]

LATENCY = "latency"
DUPLICATE = "duplicate-delivery"
LOST_REQUEST = "lost-request"
LOST_ANSWER = "lost-answer"
RESET = "reset"
SUBSTITUTION = "error-substitution"

FAULTS: dict[str, dict[str, Any]] = {
    LATENCY: {"ms": 0.0, "jitter_ms": 0.0},
    LOST_REQUEST: {},
    LOST_ANSWER: {"mode": "reset"},
    RESET: {},
    DUPLICATE: {"copies": 1, "delay_ms": 0.0},
    SUBSTITUTION: {"status": 503, "code": "", "body": None, "forward": False, "retry_after_s": None},
}
"""Every fault of the edge with its parameters' defaults."""

_MATCHES = ("operation", "attempt", "order", "node")


@dataclass(frozen=True, slots=True)
class Substitution:
    """The answer that the merchant gets instead of the provider's."""

    status: int
    code: str
    body: Any
    """Text as it is, anything else as JSON; ``None``: an object with the code."""
    forward: bool
    """Whether the provider gets the request all the same."""
    retry_after_s: int | None


@dataclass(slots=True)
class Plan:
    """What is to happen to one request."""

    delay_ns: int = 0
    copies: int = 0
    copy_delay_ns: int = 0
    fate: str = ""
    """``lost-request``, ``lost-answer``, ``reset``, ``error-substitution``, or empty: the merchant gets the provider's answer."""
    hang: bool = False
    """A lost answer is silence, not a reset."""
    substitution: Substitution | None = None
    faults: list[str] = field(default_factory=list)
    """Names of all faults that hit."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault for a share of the requests that match. An empty match is met by every request."""

    fault: str
    share: float
    match: Mapping[str, frozenset[str | int]]
    params: Mapping[str, Any]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rule:
        """Raises ``UsageError`` for anything unknown: a misspelled rule must not become a rule that does nothing."""
        _only(data, ("fault", "share", "match", "params"), "a rule")
        fault = data.get("fault", "")
        if fault not in FAULTS:
            raise UnknownNameError("fault of the edge", str(fault), FAULTS)
        share = data.get("share", 1.0)
        if not isinstance(share, int | float) or not 0 <= share <= 1:
            raise UsageError(f"{fault}: share is {share!r}. Expected a number from 0 to 1")
        match = data.get("match", {})
        _only(match, _MATCHES, f"{fault}: match")
        params = data.get("params", {})
        _only(params, FAULTS[fault], f"{fault}: params")
        params = {**FAULTS[fault], **params}
        _check(fault, params)
        return cls(fault, float(share), {key: frozenset(values) for key, values in match.items() if values}, params)

    def matches(self, who: Identity, node: str) -> bool:
        for key, allowed in self.match.items():
            if key == "operation":
                value: str | int = who.operation
            elif key == "attempt":
                value = who.attempt
            elif key == "order":
                value = who.ordinal
            else:
                value = node
            if value not in allowed or not (who.key or key == "node"):
                return False
        return True


class RuleSet:
    """The rules of an edge, replaced as a whole."""

    def __init__(self, seed: int, rules: Sequence[Mapping[str, Any]]) -> None:
        """Raises ``UsageError`` for a rule that cannot be understood."""
        self._seed = Seed(seed)
        self.rules = [Rule.from_json(rule) for rule in rules]

    def plan(self, who: Identity, node: str) -> Plan | None:
        """The plan for a request that goes to ``node``; ``None``: no fault hits it. Raises ``UsageError`` for an ``ackord-do`` that is no fault."""
        plan: Plan | None = None
        if who.do:
            plan = Plan()
            self._add(plan, Rule.from_json({"fault": who.do}), who)
        for rule in self.rules:
            if not rule.matches(who, node):
                continue
            if not self._seed.hits(rule.share, rule.fault, who.ordinal, who.operation, who.attempt):
                continue
            if plan is None:
                plan = Plan()
            self._add(plan, rule, who)
        return plan if plan is not None and plan.faults else None

    def _add(self, plan: Plan, rule: Rule, who: Identity) -> None:
        params = rule.params
        if rule.fault == LATENCY:
            if plan.delay_ns:
                return
            jitter = params["jitter_ms"]
            if jitter:
                jitter = self._seed.between(-jitter, jitter, "jitter", who.ordinal, who.operation, who.attempt)
            plan.delay_ns = round(max(0.0, params["ms"] + jitter) * MS)
            if not plan.delay_ns:
                return
        elif rule.fault == DUPLICATE:
            if plan.copies:
                return
            plan.copies, plan.copy_delay_ns = params["copies"], round(params["delay_ms"] * MS)
        elif plan.fate:
            return
        else:
            plan.fate = rule.fault
            plan.hang = rule.fault == LOST_ANSWER and params["mode"] == "hang"
            if rule.fault == SUBSTITUTION:
                plan.substitution = Substitution(**params)
        plan.faults.append(rule.fault)


def _only(given: Mapping[str, Any], known: Sequence[str] | Mapping[str, Any], where: str) -> None:
    if not isinstance(given, Mapping):
        raise UsageError(f"{where}: expected an object, got {given!r}")
    for name in given:
        if name not in known:
            raise UsageError(
                f"{where}: nothing is called {name!r}.{did_you_mean(name, known)} Known: {', '.join(known) or 'none'}"
            )


def _check(fault: str, params: Mapping[str, Any]) -> None:
    for name in ("ms", "jitter_ms", "delay_ms"):
        value = params.get(name, 0)
        if not isinstance(value, int | float) or not 0 <= value <= 3_600_000:
            raise UsageError(f"{fault}: {name} is {value!r}. Expected milliseconds from 0 to 3600000")
    if not isinstance(params.get("copies", 1), int) or not 1 <= params.get("copies", 1) <= 100:
        raise UsageError(f"{fault}: copies is {params['copies']!r}. Expected a whole number from 1 to 100")
    if params.get("mode", "reset") not in ("reset", "hang"):
        raise UsageError(f"{fault}: mode is {params['mode']!r}. Expected reset or hang")
    if not isinstance(params.get("status", 503), int) or not 200 <= params.get("status", 503) <= 599:
        raise UsageError(f"{fault}: status is {params['status']!r}. Expected a status code from 200 to 599")
