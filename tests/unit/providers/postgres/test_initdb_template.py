"""Templates of clusters: one password a folder, one template for what is made alike, and a folder that is none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ackord.errors import EnvironmentFailed
from ackord.providers.postgres.initdb_template import TEMPLATES_VARIABLE, InitdbTemplates


def run(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (data := tmp_path / "data").mkdir()
    (data / "PG_VERSION").write_text("18\n")
    return data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (folder := tmp_path / "templates").mkdir()
    return folder


def test_all_that_use_a_folder_have_its_password(folder: Path) -> None:
    first = InitdbTemplates(folder, None)
    assert len(first.password) == 32
    assert InitdbTemplates(folder, None).password == first.password
    assert [path.name for path in folder.iterdir()] == ["password"]


def test_what_is_made_alike_is_one_template(folder: Path, data: Path) -> None:
    templates = InitdbTemplates(folder, None)
    template = templates.path(("initdb", "18.1", "--no-sync"))
    assert template == InitdbTemplates(folder, None).path(("initdb", "18.1", "--no-sync"))
    assert template != templates.path(("initdb", "18.2", "--no-sync"))
    assert not template.exists()
    templates.keep(data, template, run)
    assert (template / "data" / "PG_VERSION").read_text() == "18\n"


def test_whoever_comes_second_changes_nothing(folder: Path, data: Path) -> None:
    templates = InitdbTemplates(folder, None)
    template = templates.path(("initdb",))
    templates.keep(data, template, run)
    (data / "PG_VERSION").write_text("another\n")
    templates.keep(data, template, run)
    assert (template / "data" / "PG_VERSION").read_text() == "18\n"
    assert {path.name for path in folder.iterdir()} == {"password", template.name}


def test_a_copy_that_fails_is_no_template(folder: Path, data: Path) -> None:
    templates = InitdbTemplates(folder, None)
    template = templates.path(("initdb",))

    def full(*words: object) -> None:
        run(*words)
        raise EnvironmentFailed("no space left")

    with pytest.raises(EnvironmentFailed, match="no space left"):
        templates.keep(data, template, full)
    assert [path.name for path in folder.iterdir()] == ["password"]


def test_the_environment_names_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TEMPLATES_VARIABLE, raising=False)
    assert InitdbTemplates.named(None) is None
    monkeypatch.setenv(TEMPLATES_VARIABLE, str(folder / "absent"))
    with pytest.raises(EnvironmentFailed, match=f"{TEMPLATES_VARIABLE} names .*/absent, which cannot be used: No such"):
        InitdbTemplates.named(None)
    monkeypatch.setenv(TEMPLATES_VARIABLE, str(folder))
    assert InitdbTemplates.named(None) is not None
