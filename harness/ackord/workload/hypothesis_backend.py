"""Defines a Hypothesis backend whose draws depend on the seed alone.

Hypothesis' own backend mixes in constants that it finds in the source of all loaded modules, so one seed would generate
different programs under pytest and under the command line, or after an edit. It also spends a third of its time on not
running a program twice, which programs of fifty steps do not need. Shrinking is Hypothesis' own in either case.

One seed generates the same programs for one version of Hypothesis; its way of choosing a rule changes now and then.
Needs Hypothesis 6.135 or newer. Only this module uses ``hypothesis.internal``; its unit test names what changed there.

Sources: "Alternative backends" and ``PrimitiveProvider`` in the documentation of Hypothesis.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.stateful import RuleBasedStateMachine

__all__ = ["BACKEND", "SeededHypothesisBackend", "forget_strategies"]

BACKEND = "ackord"
"""For ``settings(backend=...)``."""


class SeededHypothesisBackend(HypothesisProvider):
    """Draws from the run's random numbers, uniformly where Hypothesis asks for no weights."""

    def draw_boolean(self, p: float = 0.5) -> bool:
        assert self._random is not None
        return self._random.random() < p

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        if min_value is None or max_value is None or max_value - min_value >= 1 << 48:
            return super().draw_integer(min_value, max_value, weights=weights, shrink_towards=shrink_towards)
        assert self._random is not None
        if weights:
            # Hypothesis gives the ends of a range a share of their own, and all of the range what is left.
            left = self._random.random()
            for value, share in weights.items():
                left -= share
                if left < 0:
                    return value
        return min_value + int(self._random.random() * (max_value - min_value + 1))

    @contextmanager
    def per_test_case_context_manager(self) -> Iterator[None]:
        """Cut a test case's reference cycles at its end.

        It holds thousands of objects. Freed one by one they cost little; searched for by the garbage collector, among
        all that Hypothesis keeps of earlier test cases, they cost a twentieth of a simulation's time.
        """
        data = self._cd
        try:
            yield
        finally:
            self._cd = None
            kept = vars(data)
            kept.get("_shared_strategy_draws", {}).clear()
            kept["_shared_data_strategy"] = None

    def _maybe_draw_constant(self, *args: Any, **kwargs: Any) -> None:
        """Return no constants; the module's docstring says why."""


def forget_strategies(machine: RuleBasedStateMachine) -> None:
    """Take the strategies from a machine whose program is over: they know the machine, and the machine knows them."""
    choice_of_rules = vars(machine).pop("_rules_strategy", None)
    if choice_of_rules is not None:
        for strategy in (vars(choice_of_rules).get("enabled_rules_strategy"), choice_of_rules):
            if strategy is not None:
                vars(strategy).clear()


AVAILABLE_PROVIDERS[BACKEND] = (
    f"{__name__}.{SeededHypothesisBackend.__name__}"  # by name, as all versions of Hypothesis take it
)
