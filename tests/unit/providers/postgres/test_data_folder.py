"""Where a cluster's data lies, and that what a dead run left there is removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ackord.host.run_dir import RunDir
from ackord.providers.postgres import data_folder as memory_module
from ackord.providers.postgres.data_folder import data_folder, remove_data_folder


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(memory_module, "_ROOM_BYTES", 0)
    folder = tmp_path / "memory"
    folder.mkdir()
    return folder


def a_run(tmp_path: Path, name: str) -> RunDir:
    (tmp_path / name).mkdir()
    return RunDir.attach(tmp_path / name)


def test_it_lies_in_memory_and_goes_on_request(tmp_path: Path, memory: Path) -> None:
    folder = data_folder(a_run(tmp_path, "run-1"), memory)
    assert folder.parent == memory
    assert folder.stat().st_mode & 0o022 == 0
    remove_data_folder(folder, memory)
    assert list(memory.iterdir()) == []


def test_only_what_belongs_to_a_run_that_is_gone_is_swept(tmp_path: Path, memory: Path) -> None:
    dead, alive = a_run(tmp_path, "run-1"), a_run(tmp_path, "run-2")
    of_dead, of_alive = data_folder(dead, memory), data_folder(alive, memory)
    strange = memory / "somebody-elses"
    strange.mkdir()
    dead.path.rmdir()
    mine = data_folder(a_run(tmp_path, "run-3"), memory)
    assert set(memory.iterdir()) == {of_alive, strange, mine}
    assert of_dead not in memory.iterdir()


def test_without_room_it_lies_in_the_runs_folder(tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "_ROOM_BYTES", 1 << 62)
    run = a_run(tmp_path, "run-1")
    folder = data_folder(run, memory)
    assert folder.parent == run.path
    remove_data_folder(folder, memory)
    assert folder.exists()  # it goes with the run


def test_without_a_file_system_in_memory_too(tmp_path: Path) -> None:
    run = a_run(tmp_path, "run-1")
    assert data_folder(run, tmp_path / "none").parent == run.path


def test_a_folder_that_is_there_already_is_not_used(tmp_path: Path, memory: Path) -> None:
    run = a_run(tmp_path, "run-1")
    (memory / f"ackord-{os.getuid()}-run-1").mkdir()
    assert data_folder(run, memory).parent == run.path
