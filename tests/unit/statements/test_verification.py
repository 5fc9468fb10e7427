"""A store that was damaged on the disk is told apart from a whole one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ackord.statements.store import StatementStore
from ackord.statements.verification import damaged_versions

from .support import key, landed, line


def test_damage_is_found(tmp_path: Path) -> None:
    store = StatementStore(tmp_path / "s", "small")
    version = landed(store, [line(1), line(2)]).version
    landed(store, [], key("b"))
    assert list(damaged_versions(tmp_path / "s")) == []
    database = sqlite3.connect(store.catalogue.path)
    database.execute("UPDATE versions SET sums = replace(sums, '200', '201')")
    database.commit()
    assert list(damaged_versions(tmp_path / "s")) == [
        "main/2026-11-28/all version 1: its lines do not add up to its sums"
    ]
    path = tmp_path / "s" / version.file
    path.write_bytes(path.read_bytes()[:-1])
    assert "is not what landed" in next(iter(damaged_versions(tmp_path / "s")))
    path.unlink()
    assert "cannot be read" in next(iter(damaged_versions(tmp_path / "s")))
