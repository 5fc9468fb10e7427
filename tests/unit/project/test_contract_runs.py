from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.loading.loader import shipped
from ackord.errors import AckordError, FileError, UsageError
from ackord.project.contract_runs import ContractRun, contract_runs, described
from ackord.project.settings import ProjectSettings, find_settings
from ackord.run.resolve import make_plan


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(text: str) -> ProjectSettings:
    Path("ackord.toml").write_text(text)
    found = find_settings(Path())
    assert found is not None
    return found


def runs(text: str, *contracts: str, **given: Any) -> list[ContractRun]:
    return contract_runs(contracts, given, settings(text))


def test_the_command_line_comes_before_an_entry_and_that_before_all() -> None:
    text = """
budget = "deep"
seed = 1
profiles = ["latency"]
contracts = [{contract = "reference", seed = 2, profiles = ["none"]}]
"""
    (run,) = runs(text, budget="standard")
    assert (run.options.budget, run.options.seed, run.options.profiles) == ("standard", 2, ["none"])
    sources = {name: run.source_of(name) for name in ("budget", "seed", "profiles", "remote")}
    assert sources == {
        "budget": "command line", "seed": "ackord.toml:5", "profiles": "ackord.toml:5", "remote": "default",
    }  # fmt: skip


def test_without_a_file_it_is_as_ever() -> None:
    (run,) = contract_runs((), {}, None)
    assert run.options.contract == "reference"
    assert not run.options.isolated
    assert run.options.command() == "ackord certify reference --budget quick"


def test_the_command_that_repeats_a_run_reads_no_file() -> None:
    (run,) = runs('contracts = ["reference"]\nprofiles = ["none"]\n')
    assert run.options.command() == "ackord certify reference --profile none --budget quick --isolated"


def test_a_contract_that_is_named_gets_what_the_file_says_of_it() -> None:
    Path("mine.yaml").write_text((shipped("contracts") / "reference.yaml").read_text())
    text = 'contracts = ["reference", {contract = "mine.yaml", name = "m", target = "emulator"}]\nbudget = "deep"\n'
    for name in ("mine.yaml", "./mine.yaml", "m"):
        (run,) = runs(text, name)
        assert (run.options.contract, run.options.target, run.options.budget) == ("mine.yaml", "emulator", "deep")
    (other,) = runs(text, "stripe-payouts")
    assert (other.options.target, other.options.budget) == ("", "deep")


def test_several_have_folders_of_their_own_and_one_seed() -> None:
    found = runs('contracts = ["reference", "stripe-payouts"]\nout = "evidence"\n')
    assert [run.options.out for run in found] == [Path("evidence/reference"), Path("evidence/stripe-payouts")]
    assert len({run.options.seed for run in found}) == 1 and found[0].options.seed is not None
    found = contract_runs(("reference", "stripe-payouts"), {"seed": 5}, None)
    assert [str(run.options.out) for run in found] == [
        "ackord-out/contracts-seed5/reference", "ackord-out/contracts-seed5/stripe-payouts",
    ]  # fmt: skip
    (Path("ackord-out/contracts-seed5/reference/none")).mkdir(parents=True)
    Path("ackord-out/contracts-seed5/reference/none/journal.jsonl").touch()
    found = contract_runs(("reference", "stripe-payouts"), {"seed": 5}, None)
    assert str(found[0].options.out) == "ackord-out/contracts-seed5-2/reference"


def test_one_of_several_has_the_folder_that_it_has_beside_the_others() -> None:
    text = 'contracts = ["reference", "stripe-payouts"]\nout = "evidence"\n'
    assert [run.options.out for run in runs(text, "reference")] == [Path("evidence/reference")]
    assert [run.options.out for run in runs(text, "reference", out=Path("mine"))] == [Path("mine")]
    assert [run.options.out for run in runs('contracts = ["reference"]\nout = "evidence"\n')] == [Path("evidence")]


def test_what_a_level_decides_is_not_taken_from_the_file() -> None:
    text = 'contracts = ["reference"]\nprofiles = ["none"]\nseed = 3\n'
    (run,) = runs(text)
    assert run.without("profiles", "seed").options == runs('contracts = ["reference"]\n')[0].options
    (run,) = runs(text, profiles=["latency"])
    assert run.without("profiles").options.profiles == ["latency"]


def test_a_contract_is_named_once() -> None:
    with pytest.raises(UsageError, match="a contract is named twice: reference"):
        contract_runs(("reference", "reference"), {}, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('\nprofiles = [\n"none",\n"latncy"]', 'ackord.toml:4: profiles: no chaos profile is called "latncy"'),
        ('profiles = ["own.yaml"]', "ackord.toml:1: profiles: own.yaml: there is no such file"),
        ('\nrequire = ["evrything"]', 'ackord.toml:2: require: no profile or guarantee is called "evrything"'),
        ('budget = "huge"', 'ackord.toml:1: budget: no budget is called "huge"'),
        ('\ntime-limit = "soon"', "ackord.toml:2: time-limit: --time-limit soon: this is no time."),
        ('\nca = "none.pem"', "ackord.toml:2: ca: --ca none.pem: there is no such file."),
        ('flaw = "standby-red"', 'ackord.toml:1: flaw: no flaw is called "standby-red"'),
    ],
)
def test_a_wrong_value_is_told_with_its_line(text: str, says: str) -> None:
    (run,) = runs(f"{text}\n[[contracts]]\ncontract = 'reference'\n")
    with pytest.raises(FileError) as error:
        run.placed(make_plan)
    assert says in str(error.value)
    (run,) = runs("contracts = ['reference']", budget="huge")
    with pytest.raises(AckordError) as plain:
        run.placed(make_plan)
    assert str(plain.value).startswith('no budget is called "huge"'), "it was said on the command line"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\ncontracts = ['mine.yaml']", "ackord.toml:2: there is no file mine.yaml\n  mend: mend the path, which is"),
        ("contracts = [\n'refrence']", 'ackord.toml:2: no contract is called "refrence". Did you mean "reference"?'),
        ("budget = 'deep'", "ackord.toml:1: it does not say which contracts are to be judged\n  mend: add contracts"),
    ],
)
def test_contracts_that_are_not_there_are_told_with_their_line(text: str, says: str) -> None:
    with pytest.raises(FileError) as error:
        runs(text)
    assert says in str(error.value)


def test_a_contract_that_is_wrong_is_told_with_its_own_line() -> None:
    Path("mine.yaml").write_text("provider: x\n")
    (run,) = runs("contracts = ['mine.yaml']")
    with pytest.raises(FileError, match=r"^mine\.yaml:1: "):
        run.placed(make_plan)


def test_what_is_shown_is_toml_with_who_said_it() -> None:
    text = 'contracts = ["reference"]\nprofiles = ["none"]\nallow-hosts = ["provider"]\nout = "evidence"\n'
    found = settings(text)
    lines = list(described(contract_runs((), {"seed": 7}, found), found))
    (shown,) = tomllib.loads("\n".join(lines))["contracts"]
    assert (shown["contract"], shown["profiles"], shown["seed"], shown["out"]) == ("reference", ["none"], 7, "evidence")
    assert 'allow-hosts = ["provider"]  # ackord.toml:3' in lines
    assert "seed = 7  # command line" in lines
    assert 'budget = "quick"  # default' in lines
    assert lines[0] == "# ackord.toml"
    assert next(described(contract_runs((), {}, None), None)).startswith("# no ackord.toml")
