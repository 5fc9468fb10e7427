"""Shrink a scenario while it still breaks its guarantee: a bounded delta debugging of our own, pure but for the oracle.

After Zeller and Hildebrandt's *ddmin*: remove halves, quarters, ... of what can be removed, keep what still fails, and
end when no single part can go. Then what is left is made simpler (no overlap, no hold, faults that hit for certain)
and waits are shortened. The oracle may be a live provider, so the number of its calls is bounded, and the best scenario
so far is returned when they are used up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..chaos.faults.base import KeyedFault
from .order_scenario import OrderScenario, ScenarioStep

__all__ = ["Part", "ShrinkOracle", "ShrunkScenario", "parts_of", "shrink", "without"]

_HALVINGS = 5
"""A wait is halved at most so often."""


ShrinkOracle = Callable[[OrderScenario], bool]
"""Says whether a scenario still breaks its guarantee."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that can be removed: a step, a fault of one step, or a fault with all its switches."""

    step: int = -1
    """The step's index; -1: it is a fault with all its switches."""
    fault: str = ""
    """The fault's name; empty: the whole step."""


@dataclass(frozen=True, slots=True)
class ShrunkScenario:
    """The smallest scenario that was found."""

    scenario: OrderScenario
    tries: int
    """How often the oracle was asked."""
    finished: bool
    """Whether no single part of it can be removed; False: the bound was reached before that was known."""


class _Spent(Exception):
    """The bound is reached."""


def parts_of(scenario: OrderScenario) -> list[Part]:
    """Return all parts that can be removed one by one. The first arming of a fault goes with the fault alone."""
    parts = [Part(fault=name) for name in dict.fromkeys(fault.fault for fault in scenario.faults)]
    armed: set[str] = set()
    for index, step in enumerate(scenario.steps):
        if step.do == "arm" and step.fault not in armed:
            armed.add(step.fault)
            continue
        parts.append(Part(index))
        parts += [Part(index, fault.fault) for fault in step.faults]
    return parts


def without(scenario: OrderScenario, parts: Sequence[Part]) -> OrderScenario | None:
    """Return a scenario without some of its parts; ``None`` if no operation would be left."""
    gone = set(parts)
    faults = [fault for fault in scenario.faults if Part(fault=fault.fault) not in gone]
    left = {fault.fault for fault in faults}
    steps = []
    for index, step in enumerate(scenario.steps):
        if Part(index) in gone or (step.fault and step.fault not in left):
            continue
        kept = [fault for fault in step.faults if Part(index, fault.fault) not in gone]
        steps.append(step if len(kept) == len(step.faults) else step.model_copy(update={"faults": kept}))
    if not any(step.operates for step in steps):
        return None
    return _with_own_payload(scenario.model_copy(update={"faults": faults, "steps": steps}))


def _with_own_payload(scenario: OrderScenario) -> OrderScenario:
    """Make the payload of the first submit the order's, if the order's own is sent no more."""
    submits = [i for i, step in enumerate(scenario.steps) if step.writes and step.account == "owner"]
    altered = [i for i in submits if scenario.steps[i].amount_minor is not None or scenario.steps[i].payee]
    if not submits or altered != submits:
        return scenario
    first = scenario.steps[submits[0]]
    own = {"amount_minor": first.amount_minor or scenario.amount_minor, "payee": first.payee or scenario.payee}
    steps = [
        step.model_copy(update={"amount_minor": None, "payee": ""})
        if (step.amount_minor, step.payee) == (first.amount_minor, first.payee)
        else step
        for step in scenario.steps
    ]
    return scenario.model_copy(update={**own, "steps": steps})


def shrink(
    scenario: OrderScenario, fails: ShrinkOracle, *, most_tries: int, over: Callable[[], bool] = lambda: False
) -> ShrunkScenario:
    """Shrink a scenario that fails. ``over``: whether the time for it is over; it is asked before each try."""
    search = _Search(scenario, fails, most_tries, over)
    try:
        search.run()
    except _Spent:
        return ShrunkScenario(search.best, search.tries, finished=False)
    return ShrunkScenario(search.best, search.tries, finished=True)


class _Search:
    """The best scenario so far, and what was tried."""

    def __init__(self, scenario: OrderScenario, fails: ShrinkOracle, most_tries: int, over: Callable[[], bool]) -> None:
        self.best = scenario
        self.tries = 0
        self._fails = fails
        self._most_tries = most_tries
        self._over = over
        self._passed: set[str] = set()
        """Scenarios that did not fail."""

    def run(self) -> None:
        self._make_certain()
        while True:
            before = self.best
            self._remove()
            self._simplify()
            self._shorten()
            if self.best == before:
                return

    def _takes(self, candidate: OrderScenario | None) -> bool:
        """Try a candidate, and keep it if it fails. Raises ``_Spent``."""
        if candidate is None or candidate == self.best:
            return False
        key = candidate.model_dump_json()
        if key in self._passed:
            return False
        if self.tries >= self._most_tries or self._over():
            raise _Spent
        self.tries += 1
        if self._fails(candidate):
            self.best = candidate
            return True
        self._passed.add(key)
        return False

    def _remove(self) -> None:
        """Remove parts, by halves first, until no single one can go."""
        size = max(1, len(parts_of(self.best)) // 2)
        while True:
            parts = parts_of(self.best)
            size = min(size, len(parts))
            # From the end: what came after the offending answer, and polls, go first.
            chunks = [parts[max(0, end - size) : end] for end in range(len(parts), 0, -size)]
            if any(self._takes(without(self.best, chunk)) for chunk in chunks):
                continue
            if size <= 1:
                return
            size //= 2

    def _make_certain(self) -> None:
        for index, fault in enumerate(self.best.faults):
            if isinstance(fault, KeyedFault) and fault.share != 1:
                faults = list(self.best.faults)
                faults[index] = fault.model_copy(update={"share": 1.0})
                self._takes(self.best.model_copy(update={"faults": faults}))

    def _simplify(self) -> None:
        for index in range(len(self.best.steps)):
            for change in _simpler(self.best.steps[index]):
                self._takes(self._with(index, change))

    def _shorten(self) -> None:
        """Drop each wait, or else halve it as long as the scenario fails."""
        for index in range(len(self.best.steps)):
            if not self.best.steps[index].wait_ms or self._takes(self._with(index, {"wait_ms": 0.0})):
                continue
            for _ in range(_HALVINGS):
                shorter = round(self.best.steps[index].wait_ms / 2, 2)
                if not shorter or not self._takes(self._with(index, {"wait_ms": shorter})):
                    break

    def _with(self, index: int, change: dict[str, Any]) -> OrderScenario:
        steps = list(self.best.steps)
        steps[index] = steps[index].model_copy(update=change)
        return self.best.model_copy(update={"steps": steps})


def _simpler(step: ScenarioStep) -> Iterator[dict[str, Any]]:
    """Return changes that make a step simpler, one by one."""
    if step.overlaps:
        yield {"overlaps": False}
    if step.held:
        yield {"held": ""}
    if step.node:
        yield {"node": ""}
    for name in ("amount_minor", "payee", "currency"):
        if getattr(step, name):
            yield {name: None if name == "amount_minor" else ""}
