"""What a drill refuses before anything starts, and on which terms it judges."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ackord.drill.drill import drill_plan, empty, terms_of
from ackord.drill.settings import DrillSettings
from ackord.errors import UsageError
from ackord.run.options.run_options import RunOptions

RUN = DrillSettings(command=[sys.executable])
CALLED = DrillSettings(command=[sys.executable], callback_to="http://127.0.0.1:8080/hooks")


@pytest.mark.parametrize(
    ("options", "settings", "said"),
    [
        (RunOptions(), RUN, "none is named"),
        (RunOptions(profiles=["none"], require=["all"]), RUN, "--require all"),
        (RunOptions(profiles=["none"]), DrillSettings(command=["no-such-program"]), "cannot be started"),
        (RunOptions(profiles=["none"]), DrillSettings(command=["sh"], report_pattern="x"), "--report-pattern"),
        (RunOptions(profiles=["none"]), CALLED, "has no callbacks"),
        (RunOptions(profiles=["callbacks-in-trouble"]), RUN, "the contract of ackord-reference has none"),
        (RunOptions("paystack-transfers", target="emulator", profiles=["callbacks-in-trouble"]), RUN, "--callback-to"),
        (
            RunOptions(profiles=["none"]),
            DrillSettings(command=["sh"], callback_to="http://example.com"),
            "this machine",
        ),
    ],
)
def test_a_mistake_starts_nothing(options: RunOptions, settings: DrillSettings, said: str) -> None:
    with pytest.raises(UsageError) as told:
        drill_plan(options, settings)
    assert said in str(told.value)


def test_a_plan_of_a_drill() -> None:
    plan = drill_plan(RunOptions(profiles=["none"], require=["merchant-verifies"]), RUN)
    assert (plan.subject, plan.own_clients, plan.required) == ("integration", True, ("merchant-verifies",))


def test_all_profiles_are_those_that_try_merchants_too() -> None:
    tried = {p.name for p in drill_plan(RunOptions(profiles=["all"]), RUN).profiles}
    assert {"stale-reads", "broken-reads", "lost-answers"} <= tried


def test_the_contract_declares_the_field_and_the_user_overrules_it(tmp_path: Path) -> None:
    text = Path("contracts/reference.yaml")
    text = Path(__file__).parents[3] / text
    path = tmp_path / "mine.yaml"
    path.write_text(text.read_text() + "\ndrill: {intent: $.payee}\n")
    contract = drill_plan(RunOptions(str(path), profiles=["none"]), RUN).contract.contract
    assert terms_of(RUN, contract).intent == "$.payee"
    given = DrillSettings(intent="$.invoice", intent_window="2s", verify_cmd="true")
    terms = terms_of(given, contract)
    assert (terms.intent, terms.intent_window_ns, terms.reports) == ("$.invoice", 2_000_000_000, True)


def test_whether_the_merchant_is_called_through_us() -> None:
    options = RunOptions("paystack-transfers", target="emulator", profiles=["callbacks-in-trouble"])
    terms = drill_plan(options, CALLED).drill
    assert terms is not None and terms.callbacks and terms.callback_edge
    assert ["--callback-to", CALLED.callback_to] == CALLED.flags()[:2], "it is part of the repeat command"


@pytest.mark.parametrize(
    ("fresh", "numbers", "emptied"), [(True, {"A1"}, ["standby-reads"]), (True, set(), []), (False, {"A1"}, [])]
)
def test_a_drill_finds_a_provider_of_its_own_empty(fresh: bool, numbers: set[str], emptied: list[str]) -> None:
    """A merchant may use the same order numbers each time; a provider that lives on is never emptied."""
    done: list[str] = []
    environment: Any = SimpleNamespace(fresh=fresh, numbers=set(numbers), reset_as=done.append)
    empty(environment, "standby-reads")
    assert done == emptied
    assert environment.numbers == (set() if emptied else numbers)
