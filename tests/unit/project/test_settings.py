from __future__ import annotations

from pathlib import Path

import pytest

from ackord.cli.certify import certify
from ackord.errors import FileError
from ackord.project.settings import SETTABLE, find_settings, read_settings


def file(folder: Path, text: str, name: str = "ackord.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def refused(folder: Path, text: str) -> str:
    with pytest.raises(FileError) as error:
        read_settings(file(folder, text))
    return str(error.value).partition(": ")[0].rpartition(":")[2] + ": " + str(error.value).partition(": ")[2]


def test_all_that_certify_takes_may_stand_in_a_file_or_is_said_aloud() -> None:
    taken = certify.__signature__.parameters  # type: ignore[attr-defined]
    flags = {"context", "contracts", "config", "show_config", "quiet", "verbose", "as_json"}
    flags |= {"level", "sign", "subject", "nonce", "valid_for"}
    assert set(taken) - flags - {"production", "allow_hooks", "isolated", "shard"} == set(SETTABLE)


def test_the_nearest_file_upwards_counts_and_ackord_toml_before_pyproject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "a" / "b"
    here.mkdir(parents=True)
    file(tmp_path, '[tool.ackord]\nbudget = "deep"\n', "pyproject.toml")
    file(tmp_path / "a", "[tool.other]\n", "pyproject.toml")
    found = find_settings(here)
    assert found is not None and found.settings == {"budget": "deep"}
    file(tmp_path, 'budget = "quick"\n')
    found = find_settings(here)
    assert found is not None and found.settings == {"budget": "quick"}
    file(here, 'tool = {ackord = {budget = "standard"}}\n', "pyproject.toml")
    monkeypatch.chdir(here)
    found = find_settings(Path())
    assert found is not None and found.settings == {"budget": "standard"}
    assert found.place("budget", None) == "pyproject.toml:1"


def test_a_pyproject_that_is_broken_is_not_ours_to_tell(tmp_path: Path) -> None:
    file(tmp_path / "a", "[tool.ackord\n", "pyproject.toml")
    file(tmp_path / "b", "tool = 3\n", "pyproject.toml")
    assert find_settings(tmp_path / "a") is None
    assert find_settings(tmp_path / "b") is None


def test_every_option_is_read_and_paths_are_those_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
contracts = ["reference", "contracts/mine.yaml", {contract = "b.yaml", name = "b-on-c", target = "http://c:80"}]
target = "http://127.0.0.1:8080"
profiles = ["none", "chaos/own.yaml"]
require = ["all"]
flaw = ""
budget = "deep"
time-limit = "30m"
seed = 7
out = "evidence"
inject = false
ca = "ca.pem"
remote = true
allow-hosts = ["provider"]
toxiproxy = "http://127.0.0.1:8474"
callback-port = 8099
postgres-bin = "/usr/lib/postgresql/17/bin"
openapi = "openapi.json"
openapi-strict = true
repeats = 2
fail-fast = true
provider-version = "1.2"
"""
    settings = read_settings(file(tmp_path, text))
    assert set(settings.settings) == set(SETTABLE)
    (tmp_path / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "deeper")
    found = find_settings(Path())
    assert found is not None
    assert [(e.contract, e.name) for e in found.contracts] == [
        ("reference", ""), ("../contracts/mine.yaml", ""), ("../b.yaml", "b-on-c"),
    ]  # fmt: skip
    assert found.settings["profiles"] == ["none", "../chaos/own.yaml"]
    assert (found.settings["out"], found.settings["ca"], found.settings["openapi"]) == (
        Path("../evidence"), "../ca.pem", "../openapi.json",
    )  # fmt: skip
    assert found.settings["postgres_bin"] == "/usr/lib/postgresql/17/bin"
    assert (found.place("seed", None), found.place("target", found.contracts[2])) == (
        "../ackord.toml:9", "../ackord.toml:2",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("target", "seen"),
    [("ci/compose.yaml", "../ci/compose.yaml"), ("compose.yml", "../compose.yml"), ("docker", "docker")],
)
def test_a_target_that_is_a_file_is_seen_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, seen: str
) -> None:
    file(tmp_path, f"target = '{target}'\n")
    (tmp_path / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "deeper")
    found = find_settings(Path())
    assert found is not None
    assert found.settings["target"] == seen


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("budgt = 'quick'", '1: budgt: there is no such key. Did you mean "budget"?\n  expected: one of contracts, '),
        ("\ntime_limit = '1h'", '2: time_limit: there is no such key. Did you mean "time-limit"?'),
        ("\n\nbudget = 3", "3: budget cannot be used (got 3)\n  expected: text in quotes"),
        ("remote = 'yes'", '1: remote cannot be used (got "yes")\n  expected: true or false'),
        ("seed = true", "1: seed cannot be used (got true)\n  expected: a whole number"),
        ("seed = -1", "1: seed cannot be used (got -1)\n  expected: a whole number from 0 to 9223372036854775807"),
        ("callback-port = 70000", "expected: a whole number from 0 to 65535"),
        ("profiles = 'none'", '1: profiles cannot be used (got "none")\n  expected: a list of texts'),
        ("profiles = [\n'none',\n 3]", "1: profiles[1] cannot be used (got 3)\n  expected: text in quotes"),
        ("out = 1979-05-27", "1: out cannot be used (got 1979-05-27)\n  expected: a path in quotes"),
        ("contracts = []", '1: contracts names no contract\n  expected: a list of names, paths or tables'),
        ("contracts = 'mine.yaml'", '1: contracts cannot be used (got "mine.yaml")'),
        ("contracts = ['']", '1: contracts[0] cannot be used (got "")'),
        ("contracts = [3]", "1: contracts[0] cannot be used (got 3)"),
        ("[[contracts]]\ntarget = 'emulator'", '1: the key "contract" is missing in contracts[0]'),
        ("[[contracts]]\ncontract = 3", "2: contracts[0].contract cannot be used (got 3)"),
        ("[[contracts]]\ncontract = 'a'\nname = '../x'", '3: contracts[0].name cannot be used (got "../x")'),
        ("[[contracts]]\ncontract = 'a'\nout = 'x'", "3: contracts[0].out: there is no such key in an entry"),
        ("[[contracts]]\ncontract = 'a'\nprofile = ['x']", '3: contracts[0].profile: there is no such key in an entry of contracts. Did you mean "profiles"?'),
        ("contracts = ['a', 'b/a.yaml']", 'the name a is taken, and each has a folder of evidence by its name\n  mend: write it as a table with a name, such as {contract = "'),
        ("production = 'acme'", "1: production stands in no file: real money may move only where somebody types the provider's name\n  mend: take it out, and give --production on the command line"),
        ("allow-hooks = true", "1: allow-hooks stands in no file: a contract's commands and SQL run only where"),
        ("[[contracts]]\ncontract = 'a'\nallow-hooks = true", "3: contracts[0].allow-hooks stands in no file"),
        ("budget = ", "1: this is not TOML: Invalid value"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_what_was_expected(tmp_path: Path, text: str, says: str) -> None:
    assert says in refused(tmp_path, text)


def test_a_pyproject_that_is_named_must_have_the_table(tmp_path: Path) -> None:
    path = file(tmp_path, "[tool.other]\nx = 1\n", "pyproject.toml")
    with pytest.raises(FileError, match=r"it has no table \[tool.ackord\]"):
        read_settings(path)
    path = file(tmp_path, "[tool.other]\nx = 1\n\n[tool.ackord]\nbudget = 3\n", "pyproject.toml")
    with pytest.raises(FileError, match=r"pyproject\.toml:5: budget cannot be used"):
        read_settings(path)
