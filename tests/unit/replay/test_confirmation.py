"""k of n: nothing is played again to get another result."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

from ackord.core.clock import VirtualClock
from ackord.replay.confirmation import (
    Confirmation,
    PlayOnce,
    ShrinkBound,
    certain_variants,
    chosen,
    confirm,
    plays_a_try,
    shrink_by_plays,
)
from ackord.replay.order_scenario import OrderScenario
from ackord.replay.player import Play, PlayOutcome

from .build import scenario

SUBMIT = scenario({"do": "submit"})
SHORT = {"B": PlayOutcome.BROKEN, "H": PlayOutcome.HELD, "U": PlayOutcome.UNTESTED}


def plays(outcomes: str, of: OrderScenario = SUBMIT) -> Confirmation:
    return Confirmation(of, tuple(Play(SHORT[each], "", Path()) for each in outcomes))


def player(outcomes: Iterator[str]) -> PlayOnce:
    return lambda of: Play(SHORT[next(outcomes)], "", Path())


@pytest.mark.parametrize(
    ("outcomes", "code", "said"),
    [
        ("BBB", 1, "3 of 3 times"),
        ("BHU", 1, "1 of 3 times (1 held, 1 not put to the test)"),
        ("HHH", 0, "0 of 3 times (3 held)"),
        ("HHU", 3, "0 of 3 times (2 held, 1 not put to the test)"),
        ("U", 3, "0 of 1 times (1 not put to the test)"),
    ],
)
def test_the_exit_code_is_never_green_by_silence(outcomes: str, code: int, said: str) -> None:
    assert plays(outcomes).exit_code == code
    assert str(plays(outcomes)) == said


def test_it_is_played_as_often_as_was_asked_whatever_comes_out() -> None:
    outcomes = iter("BHHBHHH")
    confirmed = confirm(SUBMIT, player(outcomes), 5)
    assert (confirmed.broken, confirmed.times) == (2, 5)
    assert "".join(outcomes) == "HH"


@pytest.mark.parametrize(("broken", "times", "most"), [(10, 10, 3), (9, 10, 3), (5, 10, 7), (1, 10, 20)])
def test_a_smaller_scenario_gets_the_plays_that_it_needs(broken: int, times: int, most: int) -> None:
    assert plays_a_try(broken, times) == most


def test_a_scenario_that_always_broke_must_break_three_times_in_a_row() -> None:
    of = scenario({"do": "submit"}, {"do": "query"})
    clock, bound = VirtualClock(), ShrinkBound(plays=50, time_ns=10**12)
    twice = shrink_by_plays(plays("BBB", of), player(chain("BBH", repeat("H"))), bound, clock)
    assert twice.scenario == of
    thrice = shrink_by_plays(plays("BBB", of), player(chain("BBB", repeat("H"))), bound, clock)
    assert thrice.scenario.operations == 1


def test_what_gives_no_occasion_twice_is_given_up() -> None:
    of = scenario({"do": "submit"}, {"do": "query"})
    outcomes = chain("UU", repeat("H"))
    asked: list[str] = []

    def play(candidate: OrderScenario) -> Play:
        asked.append(next(outcomes))
        return Play(SHORT[asked[-1]], "", Path())

    shrink_by_plays(plays("BHHHHHHHHH", of), play, ShrinkBound(200, 10**12), VirtualClock())
    assert len(asked) == 2 + 19, "the other smaller scenario got all its plays but one, when it could not break twice"


def test_the_search_ends_when_its_plays_are_used_up() -> None:
    of = scenario(*[{"do": "query", "wait_ms": float(i)} for i in range(12)])
    found = shrink_by_plays(plays("BBB", of), player(repeat("H")), ShrinkBound(3, 10**12), VirtualClock())
    assert not found.finished
    assert found.tries <= 4


def test_the_search_leaves_the_orders_that_confirm_its_result() -> None:
    of = scenario({"do": "submit"}, *[{"do": "query", "wait_ms": float(i)} for i in range(9)])
    left = 12

    def play(candidate: OrderScenario) -> Play:
        nonlocal left
        left -= 1
        return Play(PlayOutcome.HELD, "", Path())

    bound = ShrinkBound(100, 10**12)
    found = shrink_by_plays(plays("BBB", of), play, bound, VirtualClock(), orders_left=lambda: left)
    assert not found.finished
    assert left == 5


def test_the_search_ends_when_its_time_is_over() -> None:
    clock = VirtualClock()

    def slow(of: OrderScenario) -> Play:
        clock.sleep_ns(60 * 10**9)
        return Play(PlayOutcome.HELD, "", Path())

    of = scenario(*[{"do": "query", "wait_ms": float(i)} for i in range(12)])
    found = shrink_by_plays(plays("BBB", of), slow, ShrinkBound(100, 100 * 10**9), clock)
    assert (found.tries, found.finished) == (2, False)


def test_each_fault_of_a_share_is_made_certain_by_itself() -> None:
    of = scenario(
        {"do": "arm", "fault": "channel-declines"}, {"do": "arm", "fault": "channel-timeouts"}, {"do": "submit"},
        faults=({"fault": "channel-declines", "share": 0.1}, {"fault": "channel-timeouts", "share": 0.3}),
    )  # fmt: skip
    shares = [[f.model_dump()["share"] for f in variant.faults] for variant in certain_variants(of)]
    assert shares == [[1.0, 0.3], [0.1, 1.0]]


@pytest.mark.parametrize(("first", "last", "kept"), [("BBBB", "BBHH", 1), ("BBBB", "BHHH", 0), ("BHHH", "HHHH", 0)])
def test_a_smaller_scenario_that_breaks_far_less_often_is_not_taken(first: str, last: str, kept: int) -> None:
    both = plays(first), plays(last)
    assert chosen(*both) is both[kept]
    assert chosen(both[0], None) is both[0]


def test_what_only_the_end_of_a_run_shows_is_told_and_leads_no_search() -> None:
    of = scenario({"do": "submit"}, {"do": "query"})
    late = Play(PlayOutcome.BROKEN, "", Path())
    own = late._replace(in_story=True)
    first = Confirmation(of, (late, own, own))
    assert str(first) == "3 of 3 times (1 of them only as the run settled)"
    found = shrink_by_plays(first, lambda candidate: late, ShrinkBound(50, 10**12), VirtualClock())
    assert found.scenario == of, "no smaller one broke it by what it does itself"
    assert chosen(first, Confirmation(SUBMIT, (late, late))) is first


def test_where_mostly_the_end_of_a_run_shows_it_that_is_enough() -> None:
    of = scenario({"do": "submit"}, {"do": "query"})
    late = Play(PlayOutcome.BROKEN, "", Path())
    first = Confirmation(of, (late, late, late._replace(in_story=True)))
    found = shrink_by_plays(first, lambda candidate: late, ShrinkBound(50, 10**12), VirtualClock())
    assert found.scenario.operations == 1
