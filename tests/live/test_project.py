"""``ackord certify`` alone, with what a project's file says: several contracts, their folders, one summary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .paying_provider import PayingProvider, contract_file
from .test_secrets import PROFILE


def ackord(folder: Path, *words: str) -> tuple[int, str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    command = [sys.executable, "-m", "ackord", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tiny.yaml").write_text(PROFILE)
    contract_file(tmp_path)
    (tmp_path / "deeper").mkdir()
    return tmp_path


def test_each_of_several_has_its_folder_and_the_worst_exit_code_counts(project: Path) -> None:
    with PayingProvider() as good, PayingProvider(pays_altered=True) as bad:
        entries = {"good": good.url, "gone": "http://127.0.0.1:1", "bad": bad.url}
        listed = "\n".join(
            f'[[contracts]]\ncontract = "paying.yaml"\nname = "{name}"\ntarget = "{url}"'
            for name, url in entries.items()
        )
        (project / "ackord.toml").write_text(f'profiles = ["tiny.yaml"]\nseed = 1\nout = "evidence"\n{listed}\n')
        code, out, err = ackord(project / "deeper", "certify", "--quiet")
        one, said, _ = ackord(project, "certify", "good", "--json")
    assert code == 1, err
    assert out.splitlines()[-1] == "1 of 3 contracts held. Exit code 1."
    assert "the provider at http://127.0.0.1:1 cannot be reached" in err
    summary = json.loads((project / "evidence" / "ackord-contracts.json").read_text())
    assert [(c["name"], c["exit_code"]) for c in summary["contracts"]] == [("good", 0), ("gone", 4), ("bad", 1)]
    assert summary["contracts"][2]["repeat"].endswith("--isolated")
    for name in ("good", "bad"):
        assert (project / "evidence" / name / "tiny" / "journal.jsonl").is_file()
    comment = (project / "evidence" / "ackord-pr-comment.md").read_text()
    assert comment.startswith("<!-- ackord: contracts -->") and "VIOLATED" in comment
    assert one == 0
    assert json.loads(said) == json.loads((project / "evidence" / "good" / "result.json").read_text())


def test_the_command_that_repeats_a_run_does(project: Path) -> None:
    with PayingProvider(pays_altered=True) as provider:
        (project / "ackord.toml").write_text(
            f'contracts = ["paying.yaml"]\ntarget = "{provider.url}"\nprofiles = ["tiny.yaml"]\nseed = 1\nout = "evidence"\n'
        )
        code, _, err = ackord(project / "deeper", "certify", "--quiet")
        assert code == 1, err
        repeat = json.loads((project / "evidence" / "result.json").read_text())["repeat_command"]
        assert repeat.startswith("ackord certify ../paying.yaml --target ")
        again, _, err = ackord(project / "deeper", *repeat.split()[1:], "--out", "again", "--quiet")
    assert again == 1, err


def test_nothing_is_begun_when_one_of_them_is_wrong(project: Path) -> None:
    (project / "ackord.toml").write_text('contracts = ["paying.yaml", "nothing.yaml"]\nout = "evidence"\n')
    code, _, err = ackord(project, "certify")
    assert code == 2
    assert "ackord.toml:1: there is no file nothing.yaml" in err
    assert not (project / "evidence").exists()
