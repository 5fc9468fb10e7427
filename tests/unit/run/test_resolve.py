"""What the options of a run are resolved to: the profiles that a target can run, and those that it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.core.clock import SECOND
from ackord.errors import UnknownNameError, UsageError
from ackord.run.options.plan import RunPlan
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan

ADDRESS = "http://127.0.0.1:9"


def plan(**wish: object) -> RunPlan:
    return make_plan(RunOptions("reference", seed=1, out=Path("out"), **wish))  # type: ignore[arg-type]


def test_profiles_that_the_target_has_no_seam_for_are_listed_with_the_reason() -> None:
    made = plan(target=ADDRESS)
    reasons = {p.profile: p.reason for p in made.left_out}
    assert reasons["replica-lag"] == "no seam for replication"
    assert reasons["node-crash"] == "no seam for nodes, process"
    assert not reasons.keys() & {p.name for p in made.profiles}
    defaults = {*reasons, *(p.name for p in made.profiles)}
    assert defaults == {p.name for p in plan().profiles}
    lag = next(p for p in made.left_out if p.profile == "replica-lag")
    assert "landing-bounded" in lag.proves
    assert set(lag.proves) <= set(lag.exposes)


def test_chosen_profiles_leave_nothing_out_and_neither_does_a_target_with_all_seams() -> None:
    assert plan(target=ADDRESS, profiles=["none"]).left_out == ()
    assert plan().left_out == ()
    assert "table-lag" in {p.profile for p in plan(target=ADDRESS, profiles=["all"]).left_out}
    assert not any(p.tries_merchant for p in plan(profiles=["all"]).profiles), "no provider can be judged by them"


def test_all_requires_every_default_profile_every_promise_and_the_money() -> None:
    required = set(plan(require=["all"]).required)
    assert required >= {p.name for p in plan().profiles}
    assert "table-lag" not in required
    assert {"resubmission-moves-money-once", "acknowledged-order-visible"} <= required
    assert "answers-match-schema" not in required, "nobody gave a document"


def test_the_time_limit_is_the_budget_s_unless_it_is_given() -> None:
    assert (plan().time_limit, plan(budget="deep").time_limit) == ("1h", "12h")
    assert plan(time_limit="90s").time_limit.ns == 90 * SECOND
    for wrong in ("90", "0s", "soon"):
        with pytest.raises(UsageError, match=f"--time-limit {wrong}: this is no time"):
            plan(time_limit=wrong)


def test_what_is_required_is_a_name_that_exists(tmp_path: Path) -> None:
    assert plan(require=["replica-lag", "errors-not-replayed", "replica-lag"]).required == (
        "replica-lag", "errors-not-replayed",
    )  # fmt: skip
    with pytest.raises(UnknownNameError, match="replica-lag"):
        plan(require=["replica-lags"])
    own = tmp_path / "mine.yaml"
    own.write_text("name: mine\nincident: i\nphases: {steady: {orders: 1}}\nworkload: {plain: 1}\nexposes: "
                   "[acknowledged-order-visible]\n")  # fmt: skip
    assert plan(require=[str(own)], profiles=[str(own)]).required == (load_profile(own).name,)


def test_shards_deal_the_profiles_out_and_know_the_whole() -> None:
    names = ["none", "latency", "duplicates"]
    parts = [plan(profiles=names, shard=f"{n}/2") for n in (1, 2)]
    assert [[p.name for p in part.profiles] for part in parts] == [["none", "duplicates"], ["latency"]]
    for part in parts:
        assert part.shard is not None
        assert (part.shard.profiles, part.seed, part.shard.seed) == (tuple(names), 1, 1)
        assert "--shard" not in part.shard.command
    assert parts[1].command() == "ackord certify reference --profile latency --budget quick --seed 1"
    whole = plan(shard="1/3")
    assert whole.shard is not None
    assert "--profile none" in whole.command(), "its own profiles, although the campaign has all"
    assert "--profile" not in whole.shard.command


def test_a_shard_of_a_single_profile_has_a_seed_of_its_own_which_its_command_names() -> None:
    first, second = (plan(profiles=["none"], shard=f"{n}/2") for n in (1, 2))
    assert first.seed == 1 != second.seed
    assert second.command() == f"ackord certify reference --profile none --budget quick --seed {second.seed}"
    assert second.shard is not None and second.shard.seed == 1


def test_a_shard_s_folder_is_its_own_unless_it_is_named() -> None:
    made = make_plan(RunOptions("reference", seed=1, profiles=["none", "latency"], shard="2/2"))
    assert made.out.name == "ackord-reference-seed1-shard2of2"
    assert plan(profiles=["none"], shard="2/2").out == Path("out")


def test_a_shard_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--shard 3/2: this is no shard.\n.*such as 2/5"):
        plan(shard="3/2")
    with pytest.raises(UsageError, match="the campaign has 2 profiles, so 1 of 3 shards would run nothing"):
        plan(profiles=["none", "latency"], shard="1/3")
    with pytest.raises(UsageError, match="give the same --seed to all shards"):
        make_plan(RunOptions("reference", shard="1/2"))
