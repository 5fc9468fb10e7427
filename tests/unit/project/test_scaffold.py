from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from ackord import __version__
from ackord.errors import FileError, UsageError
from ackord.project.scaffold import CiSystem, ci_system_of, new_files, write_new
from ackord.project.settings import read_settings


def made(folder: Path, system: CiSystem = CiSystem.NONE, target: str = "") -> list[str]:
    files = new_files(folder, ["a.yaml", 'b "quoted".yaml'], target=target, system=system)
    write_new(files, force=False)
    return [str(file.path.relative_to(folder)) for file in files]


def test_the_settings_are_read_again(tmp_path: Path) -> None:
    assert made(tmp_path, target="http://127.0.0.1:8080") == ["ackord.toml"]
    settings = read_settings(tmp_path / "ackord.toml")
    assert [Path(entry.contract).name for entry in settings.contracts] == ["a.yaml", 'b "quoted".yaml']
    assert settings.settings["target"] == "http://127.0.0.1:8080"
    assert (settings.settings["budget"], settings.settings["time_limit"]) == ("quick", "30m")


def test_what_is_commented_out_may_be_used(tmp_path: Path) -> None:
    made(tmp_path)
    path = tmp_path / "ackord.toml"
    path.write_text(re.sub(r"^# (?=[a-z-]+ = )", "", path.read_text(), flags=re.MULTILINE))
    settings = read_settings(path)
    assert {"target", "allow_hosts", "profiles", "require"} <= set(settings.settings)


def test_the_workflow_fits_the_project(tmp_path: Path) -> None:
    assert ci_system_of(tmp_path) is CiSystem.GITHUB
    assert made(tmp_path, CiSystem.GITHUB) == ["ackord.toml", ".github/workflows/ackord.yml"]
    assert f"ackord=={__version__}" in (tmp_path / ".github/workflows/ackord.yml").read_text()
    other = tmp_path / "other"
    other.mkdir()
    (other / ".gitlab-ci.yml").write_text("stages: [test]\n")
    assert ci_system_of(other) is CiSystem.GITLAB
    files = new_files(other, ["a.yaml"], target="", system=CiSystem.GITLAB)
    assert files[1].path == other / ".gitlab/ackord.yml"
    assert files[1].then == "add to .gitlab-ci.yml:  include: [{local: .gitlab/ackord.yml}]"
    new = tmp_path / "new"
    new.mkdir()
    assert made(new, CiSystem.GITLAB) == ["ackord.toml", ".gitlab-ci.yml"]


def test_nothing_is_overwritten_unasked_and_then_nothing_is_written(tmp_path: Path) -> None:
    workflow = tmp_path / ".github/workflows/ackord.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("mine\n")
    with pytest.raises(FileError, match="it is there already, and nothing was written"):
        made(tmp_path, CiSystem.GITHUB)
    assert not (tmp_path / "ackord.toml").exists()
    assert workflow.read_text() == "mine\n"
    write_new(new_files(tmp_path, ["a.yaml"], target="", system=CiSystem.GITHUB), force=True)
    assert workflow.read_text() != "mine\n"


def test_a_table_that_is_there_is_not_hidden_unasked(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ackord]\ncontracts = ["a.yaml"]\n')
    with pytest.raises(UsageError, match=r"has \[tool.ackord\] already"):
        made(tmp_path)
    assert tomllib.loads((tmp_path / "pyproject.toml").read_text())["tool"]["ackord"]
    (tmp_path / "sub").mkdir()
    assert made(tmp_path / "sub") == ["ackord.toml"], "a folder above is another project"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / ".github").write_text("a file\n")
    files = new_files(tmp_path, ["a.yaml"], target="", system=CiSystem.GITHUB)
    with pytest.raises(FileError, match=r"\.github/workflows/ackord\.yml: "):
        write_new(files, force=False)
