"""The whole of a replay, over a player that needs no provider."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from ackord.errors import UsageError
from ackord.record.journal import JournalWriter
from ackord.replay.confirmation import ShrinkBound
from ackord.replay.evidence_order import RecordedOrder
from ackord.replay.order_scenario import OrderScenario, read_scenario, write_scenario
from ackord.replay.player import Play, Player, PlayOutcome
from ackord.replay.replay import (
    Replayed,
    ReplaySettings,
    bound_of,
    clear_replay,
    replay,
    replay_plan,
    scenario_of,
    shortest,
)
from ackord.run.options.run_options import RunOptions

from .build import Run, finding, scenario

BOUND = ShrinkBound(100, 10**12)


class Oracle:
    """Plays a scenario by a rule."""

    def __init__(self, breaks: Callable[[OrderScenario], bool]) -> None:
        self._breaks = breaks
        self.played = 0
        self.left: int | None = None

    def check(self, of: OrderScenario) -> None:
        pass

    def orders_left(self) -> int | None:
        return self.left

    def play(self, of: OrderScenario) -> Play:
        self.played += 1
        return Play(PlayOutcome.BROKEN if self._breaks(of) else PlayOutcome.HELD, "", Path())


def replayed(tmp_path: Path, of: OrderScenario, oracle: Oracle, **settings: object) -> Replayed:
    chosen = ReplaySettings(**{"times": 3, "bound": BOUND, **settings})  # type: ignore[arg-type]
    return replay(cast("Player", oracle), of, tmp_path, chosen)


def test_it_is_confirmed_shrunk_confirmed_again_and_written(tmp_path: Path) -> None:
    of = scenario({"do": "submit"}, {"do": "query"}, {"do": "submit", "wait_ms": 5.0})
    test = tmp_path / "test_order.py"
    result = replayed(tmp_path, of, Oracle(lambda s: sum(x.writes for x in s.steps) > 1), pytest_file=test)
    assert result.exit_code == 1
    assert read_scenario(result.scenario_file) == of
    assert result.shrunk_file is not None
    assert read_scenario(result.shrunk_file).operations == 2
    assert result.shrunk_confirmed is not None
    assert str(result.shrunk_confirmed) == "3 of 3 times"
    assert test.read_text().count("order.submit()") == 2


def test_what_did_not_break_again_is_not_searched_and_makes_no_test(tmp_path: Path) -> None:
    oracle = Oracle(lambda s: False)
    result = replayed(tmp_path, scenario({"do": "submit"}), oracle, pytest_file=tmp_path / "test_order.py")
    assert (result.exit_code, oracle.played, result.shrunk, result.pytest_file) == (0, 3, None, None)
    assert result.scenario_file.exists()
    assert not (tmp_path / "test_order.py").exists()


def test_without_the_search_it_is_only_confirmed(tmp_path: Path) -> None:
    oracle = Oracle(lambda s: True)
    assert replayed(tmp_path, scenario({"do": "submit"}), oracle, shrink=False).shrunk is None
    assert oracle.played == 3


def test_where_a_share_of_orders_is_hit_each_such_fault_is_tried_on_every_order(tmp_path: Path) -> None:
    of = scenario(
        {"do": "arm", "fault": "channel-timeouts"}, {"do": "submit"},
        faults=({"fault": "channel-timeouts", "share": 0.1},),
    )  # fmt: skip
    oracle = Oracle(lambda s: bool(s.faults) and s.faults[0].hit_share == 1)
    result = replayed(tmp_path, of, oracle, shrink=False)
    assert result.confirmed.broken == 3
    assert read_scenario(result.scenario_file).faults[0].hit_share == 1


def test_what_comes_too_late_on_an_idle_machine_is_tried_with_shorter_waits(tmp_path: Path) -> None:
    of = scenario({"do": "submit"}, {"do": "query", "wait_ms": 40.0})
    result = replayed(tmp_path, of, Oracle(lambda s: s.waits_ms <= 20), shrink=False)
    assert (result.recorded.broken, result.confirmed.broken, result.exit_code) == (0, 3, 1)
    assert result.recorded.scenario == of
    assert read_scenario(result.scenario_file).waits_ms <= 20


def test_a_given_scenario_is_played_as_it_is(tmp_path: Path) -> None:
    of = scenario({"do": "submit"}, {"do": "query", "wait_ms": 40.0})
    oracle = Oracle(lambda s: s.waits_ms <= 20)
    assert replayed(tmp_path, of, oracle, variants=False).exit_code == 0
    assert oracle.played == 3


def test_variants_are_tried_as_far_as_the_limits_leave_orders(tmp_path: Path) -> None:
    of = scenario({"do": "submit"}, {"do": "query", "wait_ms": 40.0})
    oracle = Oracle(lambda s: s.waits_ms <= 20)
    oracle.left = 8
    assert replayed(tmp_path, of, oracle).exit_code == 0
    assert oracle.played == 3


def test_of_several_orders_the_one_with_the_shortest_story_is_taken() -> None:
    run = Run()
    for number, waits in (("n1", 30), ("n2", 5), ("n3", 9)):
        run.submit(0, order=number)
        run.query(1.2 + waits, order=number)
    orders = [RecordedOrder(Path(), run.history, n, finding(order=n)) for n in ("n1", "gone", "n2", "n3")]
    assert shortest(orders, "reference").waits_ms == 5
    with pytest.raises(UsageError, match="known from the ledger or a statement alone"):
        shortest(orders[1:2], "reference")


def test_an_order_that_a_fault_touched_comes_before_one_that_broke_by_chance(tmp_path: Path) -> None:
    calm, disturbed = Run(), Run()
    calm.submit(0)
    calm.query(2)
    disturbed.fault(0, "replication-latency", "armed", ms=200.0, jitter_ms=0.0, share=1.0)
    disturbed.submit(1)
    disturbed.query(50)
    for name, run in (("calm", calm), ("lag", disturbed)):
        writer = JournalWriter(tmp_path / name / "journal.jsonl", run.header)
        for event in run.events:
            writer.add(event)
        writer.close()
        found = scenario_of(tmp_path, RunOptions(), number="", guarantee="", contract="reference")
        assert found.fault_count == (name == "lag")


def test_a_scenario_is_read_and_its_contract_may_be_another(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    write_scenario(scenario({"do": "submit"}), path)
    found = scenario_of(path, RunOptions(), number="", guarantee="", contract="stripe-payouts")
    assert found.contract == "stripe-payouts"
    with pytest.raises(UsageError, match="--order and --guarantee choose from a folder"):
        scenario_of(path, RunOptions(), number="n1", guarantee="", contract="")


def test_the_plan_is_the_scenario_s_unless_the_options_say_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    of = scenario({"do": "submit"}, flaw="standby-reads", target="emulator")
    plan = replay_plan(of, RunOptions())
    assert (plan.flaw, plan.target) == ("standby-reads", "emulator")
    assert plan.command() == "ackord replay ackord-out/replay-acknowledged-order-visible/scenario.yaml"
    plan = replay_plan(of, RunOptions(flaw="primary-reads", target="reference"))
    assert (plan.flaw, plan.target) == ("primary-reads", "reference")


def test_a_repeated_replay_writes_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    of = scenario({"do": "submit"})
    write_scenario(of, replay_plan(of, RunOptions()).out / "scenario.yaml")
    assert replay_plan(of, RunOptions()).out == Path("ackord-out/replay-acknowledged-order-visible-2")


def test_a_time_that_is_none_is_refused() -> None:
    assert bound_of(5, "90s") == ShrinkBound(5, 90 * 10**9)
    with pytest.raises(UsageError, match="--shrink-time soon: this is no time"):
        bound_of(5, "soon")


def test_what_an_earlier_replay_left_goes_but_not_what_is_replayed(tmp_path: Path) -> None:
    for name in ("scenario.yaml", "shrunk.yaml", "plays/001/replay/journal.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    clear_replay(tmp_path, keep=tmp_path / "shrunk.yaml")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["shrunk.yaml"]
