"""A contract's hooks run only if the user says so."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.loading.loader import shipped
from ackord.errors import FileError
from ackord.run.environments import open_environment
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan

REFERENCE = (shipped("contracts") / "reference.yaml").read_text()
ACTIONS = {
    "a command": "{command: [touch, mark]}",
    "SQL": "{sql: {dsn: postgresql://x/y, statements: [SELECT 1]}}",
    "an HTTP call": "{http: {url: 'http://127.0.0.1:1/'}}",
}
PROFILE = """\
name: touched
incident: Somebody touched the provider's settings by hand.
phases: {disturb: {orders: 6}}
workload: {plain: 1}
faults: [{fault: hook, hook: touch}]
exposes: [acknowledged-order-visible]
"""


def options(folder: Path, action: str) -> RunOptions:
    hooks = f"hooks:\n  touch:\n    about: Touches.\n    do: {action}\n    undo: {action}\n"
    (folder / "hooked.yaml").write_text(REFERENCE + hooks)
    (folder / "touched.yaml").write_text(PROFILE)
    return RunOptions(str(folder / "hooked.yaml"), profiles=[str(folder / "touched.yaml")], seed=3, out=folder / "out")


@pytest.mark.parametrize("kind", ACTIONS)
def test_it_is_refused_with_its_line_and_the_flag(kind: str, tmp_path: Path) -> None:
    chosen = options(tmp_path, ACTIONS[kind])
    line = REFERENCE.count("\n") + 2
    with pytest.raises(FileError) as error:
        make_plan(chosen)
    said = str(error.value)
    assert f"hooked.yaml:{line}: " in said
    assert f'the hook "touch" of this contract, which is {kind}' in said
    assert "--allow-hooks" in said
    assert "--chaos-allow-hooks" in said


def test_nothing_that_runs_knows_of_hooks_that_are_not_allowed(tmp_path: Path) -> None:
    chosen = options(tmp_path, ACTIONS["a command"])
    environment = open_environment(make_plan(replace(chosen, profiles=["all"])))
    assert environment.hooks == {}
    assert "hook" not in environment.seams


def test_allowed_they_run_and_the_command_that_repeats_the_run_says_so(tmp_path: Path) -> None:
    plan = make_plan(replace(options(tmp_path, ACTIONS["a command"]), allow_hooks=True))
    assert list(open_environment(plan).hooks) == ["touch"]
    assert "--allow-hooks" in plan.command()


def test_contracts_that_come_with_ackord_need_no_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ackord.run.options.hook_guard.shipped", lambda folder: tmp_path)
    assert list(open_environment(make_plan(options(tmp_path, ACTIONS["SQL"]))).hooks) == ["touch"]


def test_a_test_suite_can_allow_them_too() -> None:
    assert [o.name for o in fields(RunOptions) if o.name == "allow_hooks" and o.metadata["suite"]] == ["allow_hooks"]


LEDGERS = {
    "SQL": "ledger: {sql: {dsn: postgresql://x/y, query: SELECT 1}}\n",
    "a command": "ledger: {command: [touch, mark], prints: csv}\n",
}


def with_ledger(folder: Path, kind: str, **more: Any) -> RunOptions:
    before, _, rest = REFERENCE.partition("\nledger:\n")
    text = f"{before}\n{LEDGERS[kind]}{rest[rest.index('states:') :]}"
    (folder / "tabled.yaml").write_text(text)
    return RunOptions(str(folder / "tabled.yaml"), profiles=["none"], seed=3, out=folder / "out", **more)


@pytest.mark.parametrize("kind", LEDGERS)
def test_a_ledger_that_runs_something_is_refused_with_its_line_and_the_flag(kind: str, tmp_path: Path) -> None:
    line = REFERENCE.partition("\nledger:\n")[0].count("\n") + 2
    with pytest.raises(FileError) as error:
        make_plan(with_ledger(tmp_path, kind, target="http://127.0.0.1:9"))
    said = str(error.value)
    assert f"tabled.yaml:{line}: " in said
    assert f"by what this contract says, which is {kind}" in said
    assert "--allow-hooks" in said


@pytest.mark.parametrize("kind", LEDGERS)
def test_it_is_taken_where_it_is_allowed_or_not_carried_out(kind: str, tmp_path: Path) -> None:
    make_plan(with_ledger(tmp_path, kind, target="http://127.0.0.1:9", allow_hooks=True))
    make_plan(with_ledger(tmp_path, kind, target="emulator"))
