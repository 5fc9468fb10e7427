"""Cells are kept as they finish, and what is kept is not run again."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from ackord.errors import FileError
from ackord.run.command_grid import INTERRUPTED, CellKey, CommandGrid, Commands, RunningCommands, exit_code_of


class Shown(NamedTuple):
    name: str
    seed: int
    text: str

    @property
    def key(self) -> CellKey:
        return CellKey(self.name, self.seed)


KEYS = [CellKey("a", 1), CellKey("b", 1), CellKey("a", 2)]


def shown(key: CellKey, running: Commands) -> Shown | None:
    return Shown(*key, f"{key.name}{key.seed}")


def test_all_cells_are_run_and_kept(tmp_path: Path) -> None:
    told: list[Shown] = []
    store = tmp_path / "grid" / "cells.jsonl"
    done = CommandGrid(store, Shown).fill(KEYS, shown, jobs=2, on_done=told.append)
    assert [cell.text for cell in done] == ["a1", "b1", "a2"]
    assert sorted(told) == sorted(done)

    def never(key: CellKey, running: Commands) -> Shown | None:
        raise AssertionError(f"{key} is kept already")

    assert CommandGrid(store, Shown).fill(KEYS, never, jobs=1, on_done=told.append) == done


def test_a_line_that_was_cut_off_and_a_cell_that_was_interrupted_are_run_again(tmp_path: Path) -> None:
    store = tmp_path / "cells.jsonl"
    done = CommandGrid(store, Shown).fill(
        KEYS, lambda key, running: None if key.name == "b" else shown(key, running), jobs=1, on_done=lambda cell: None
    )
    assert [cell.text for cell in done] == ["a1", "a2"]
    store.write_bytes(store.read_bytes()[:-10])
    played: list[CellKey] = []

    def play(key: CellKey, running: Commands) -> Shown | None:
        played.append(key)
        return shown(key, running)

    assert len(CommandGrid(store, Shown).fill(KEYS, play, jobs=1, on_done=lambda cell: None)) == 3
    assert played == [CellKey("b", 1), CellKey("a", 2)]


def test_an_interrupted_grid_begins_no_more(tmp_path: Path) -> None:
    kept: list[Commands] = []

    def interrupted(key: CellKey, running: Commands) -> Shown | None:
        kept.append(running)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        CommandGrid(tmp_path / "cells.jsonl", Shown).fill(KEYS, interrupted, jobs=1, on_done=lambda cell: None)
    assert kept[0].run(["--version"], tmp_path) == (INTERRUPTED, "")


def test_a_command_is_run_in_a_process(tmp_path: Path) -> None:
    code, said = RunningCommands().run(["certify", "no-such-contract"], tmp_path / "out")
    assert code == 2 and "no-such-contract" in said


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="the finished runs cannot be written"):
        CommandGrid(tmp_path / "file" / "cells.jsonl", Shown)


def test_what_was_ended_from_outside_has_shown_nothing() -> None:
    assert [exit_code_of(code) for code in (0, 1, -15, -2, -9)] == [0, 1, INTERRUPTED, INTERRUPTED, -9]
