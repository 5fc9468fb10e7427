"""Confirm a scenario by playing it k of n times, and shrink it by plays. No play is repeated for a better result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..chaos.faults.base import KeyedFault
from ..core.clock import Clock
from .order_scenario import OrderScenario
from .player import Play, PlayOutcome
from .shrink import ShrunkScenario, shrink

__all__ = [
    "Confirmation",
    "ShrinkBound",
    "certain_variants",
    "chosen",
    "confirm",
    "hurried_variants",
    "plays_a_try",
    "shrink_by_plays",
]

_BREAKS_WANTED = 2
"""So often a smaller scenario must break the guarantee to stay in the search."""
_IN_A_ROW = 3
"""The same, in a row, where the first scenario broke it every time."""
_UNTESTED_ENOUGH = 2
"""A scenario that gave no occasion in its first plays gives none at all: what is missing is a request."""
_MISSED = 0.1
"""The probability at most with which the search rejects a scenario that fails as often as the one it began with."""
_MOST_PLAYS_A_TRY = 20


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How often a scenario broke its guarantee."""

    scenario: OrderScenario
    plays: tuple[Play, ...]

    @property
    def times(self) -> int:
        return len(self.plays)

    @property
    def broken(self) -> int:
        return sum(play.outcome is PlayOutcome.BROKEN for play in self.plays)

    @property
    def in_story(self) -> int:
        """In how many plays the scenario's own operations broke it."""
        return sum(play.in_story for play in self.plays)

    def counts(self, play: Play) -> bool:
        """Whether another play breaks the guarantee in the way that most of these do. What only the harness's own
        questions show at the end may depend on how soon they come, and that is no part of the scenario.
        """
        by_itself = self.in_story > 0 and 2 * self.in_story >= self.broken
        return play.outcome is PlayOutcome.BROKEN and (play.in_story or not by_itself)

    @property
    def in_every_play(self) -> bool:
        return all(map(self.counts, self.plays))

    @property
    def exit_code(self) -> int:
        """1: it broke at least once · 0: it held every time · 3: it was not put to the test every time."""
        if self.broken:
            return 1
        return 0 if self.plays and all(play.outcome is PlayOutcome.HELD for play in self.plays) else 3

    def __str__(self) -> str:
        """``3 of 5 times; 1 held, 1 not put to the test``."""
        others = [
            f"{n} {outcome}"
            for outcome in (PlayOutcome.HELD, PlayOutcome.UNTESTED)
            if (n := sum(play.outcome is outcome for play in self.plays))
        ]
        if self.in_story and (late := self.broken - self.in_story):
            others.insert(0, f"{late} of them only as the run settled")
        return f"{self.broken} of {self.times} times" + (f" ({', '.join(others)})" if others else "")


@dataclass(frozen=True, slots=True)
class ShrinkBound:
    """When the search ends at the latest."""

    plays: int
    time_ns: int


PlayOnce = Callable[[OrderScenario], Play]


def confirm(scenario: OrderScenario, play: PlayOnce, times: int) -> Confirmation:
    """Play a scenario ``times`` times, whatever comes out."""
    return Confirmation(scenario, tuple(play(scenario) for _ in range(times)))


def certain_variants(scenario: OrderScenario) -> list[OrderScenario]:
    """Return scenarios in which one of the faults that hit a share of the orders hits every one.

    A journal does not say which orders such a fault hit, where the provider draws them. A replay has an order of its
    own, which it may spare.
    """
    found = []
    for index, fault in enumerate(scenario.faults):
        if isinstance(fault, KeyedFault) and fault.share != 1:
            faults = list(scenario.faults)
            faults[index] = fault.model_copy(update={"share": 1.0})
            found.append(scenario.model_copy(update={"faults": faults}))
    return found


def hurried_variants(scenario: OrderScenario) -> list[OrderScenario]:
    """Return scenarios with half the waits, and with none: by itself on an idle machine, an order passes faster through
    the provider than among hundreds, and what the merchant did in the middle of that then comes too late.
    """
    if not scenario.waits_ms:
        return []
    found = []
    for factor in (0.5, 0.0):
        steps = [step.model_copy(update={"wait_ms": round(step.wait_ms * factor, 2)}) for step in scenario.steps]
        found.append(scenario.model_copy(update={"steps": steps}))
    return found


def shrink_by_plays(
    confirmed: Confirmation,
    play: PlayOnce,
    bound: ShrinkBound,
    clock: Clock,
    *,
    orders_left: Callable[[], int | None] = lambda: None,
) -> ShrunkScenario:
    """Shrink a scenario that broke its guarantee at least once.

    A smaller scenario stays in the search if it breaks the guarantee twice in as many plays as the first one needs for
    that, with a probability of 90 %; three times in a row, if that one always did. Once would be too little: a rare
    accident would replace what happens often.

    ``orders_left``: how many orders may still be submitted; the search leaves as many as it takes to confirm its
    result; ``None``: any number.
    """
    began_ns = clock.now_ns()
    played = 0
    most = plays_a_try(sum(map(confirmed.counts, confirmed.plays)), confirmed.times)
    enough = _IN_A_ROW if confirmed.in_every_play else _BREAKS_WANTED

    wanted = (most + confirmed.times) * confirmed.scenario.payloads

    def over() -> bool:
        left = orders_left()
        return (
            played >= bound.plays or clock.now_ns() - began_ns >= bound.time_ns or (left is not None and left < wanted)
        )

    def fails(candidate: OrderScenario) -> bool:
        nonlocal played
        plays: list[Play] = []
        while len(plays) < most:
            played += 1
            plays.append(play(candidate))
            broken = sum(map(confirmed.counts, plays))
            if broken == enough:
                return True
            untested = all(each.outcome is PlayOutcome.UNTESTED for each in plays)
            if broken + most - len(plays) < enough or (untested and len(plays) == _UNTESTED_ENOUGH):
                return False
        return False

    return shrink(confirmed.scenario, fails, most_tries=bound.plays, over=over)


def plays_a_try(broken: int, times: int) -> int:
    """Return how many plays a smaller scenario gets, if ``broken`` of ``times`` plays of the first broke it."""
    share = broken / times
    if share == 1:
        return _IN_A_ROW
    plays = _BREAKS_WANTED
    while plays < _MOST_PLAYS_A_TRY and (1 - share) ** plays + plays * share * (1 - share) ** (plays - 1) > _MISSED:
        plays += 1
    return plays


def chosen(first: Confirmation, last: Confirmation | None) -> Confirmation:
    """Return the one to keep: the last, unless it breaks the guarantee less than half as often as the first."""
    if last is None:
        return first
    mine, its = (sum(map(first.counts, each.plays)) for each in (first, last))
    return last if its and 2 * its * first.times >= mine * last.times else first
