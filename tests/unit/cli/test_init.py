from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ackord.contract.loading.loader import shipped


def contract(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((shipped("contracts") / "reference.yaml").read_text())


def test_a_folder_with_contracts_gets_its_files_and_certify_needs_no_options(run: Any, tmp_path: Path) -> None:
    contract(tmp_path / "contracts" / "mine.yaml")
    code, said, _ = run("init", "--target", "emulator")
    assert code == 0
    assert said.splitlines() == [
        "written   ackord.toml", "written   .github/workflows/ackord.yml", "contracts contracts/mine.yaml",
        "next      ackord certify --show-config, then ackord certify",
    ]  # fmt: skip
    code, said, _ = run("certify", "--show-config")
    assert code == 0
    assert 'contract = "contracts/mine.yaml"\ntarget = "emulator"  # ackord.toml:' in said
    workflow = yaml.safe_load((tmp_path / ".github/workflows/ackord.yml").read_text())
    assert "ackord certify" in [step.get("run") for step in workflow["jobs"]["certify"]["steps"]]


def test_nothing_is_overwritten_unasked(run: Any, tmp_path: Path) -> None:
    contract(tmp_path / "mine.yaml")
    (tmp_path / "ackord.toml").write_text("# mine\n")
    code, _, said = run("init", "--ci", "none")
    assert code == 2
    assert "ackord.toml: it is there already, and nothing was written\n  mend: " in said
    assert (tmp_path / "ackord.toml").read_text() == "# mine\n"
    assert run("init", "--ci", "none", "--force")[0] == 0


def test_a_folder_without_contracts_is_told_what_to_do(run: Any, tmp_path: Path) -> None:
    code, _, said = run("init")
    assert code == 2
    assert "no contract was found" in said and "ackord contract new" in said
    assert not list(tmp_path.iterdir())
    assert run("init", "nowhere")[0] == 2
    assert "no contract is called" in run("init", "--contract", "nothing")[2]
    assert "there is no such file" in run("init", "--contract", "nothing.yaml")[2]


def test_a_contract_that_does_not_load_yet_is_written_down_and_told(run: Any, tmp_path: Path) -> None:
    (tmp_path / "draft.yaml").write_text("provider: x\nsubmit:\nquery:\n")
    code, said, _ = run("init", "--ci", "none")
    assert code == 0
    assert "note: draft.yaml:" in said


def test_gitlab_s_own_file_is_left_alone(run: Any, tmp_path: Path) -> None:
    contract(tmp_path / "mine.yaml")
    (tmp_path / ".gitlab-ci.yml").write_text("stages: [test]\n")
    code, said, _ = run("init")
    assert code == 0
    assert "then      add to .gitlab-ci.yml:  include: [{local: .gitlab/ackord.yml}]" in said
    assert (tmp_path / ".gitlab-ci.yml").read_text() == "stages: [test]\n"
