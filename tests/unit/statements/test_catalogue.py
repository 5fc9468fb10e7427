"""The catalogue is opened where one is, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.errors import FileError
from ackord.statements.catalogue import CATALOGUE, Catalogue
from ackord.statements.store import StatementStore

from .support import key, landed, line


def test_versions_and_what_is_current(tmp_path: Path) -> None:
    store = StatementStore(tmp_path / "s", "small")
    landed(store, [line(1)], key("a"))
    landed(store, [line(1), line(2)], key("a"))
    landed(store, [line(1)], key("b"))
    catalogue = Catalogue(tmp_path / "s")
    assert [(v.key.account, v.version) for v in catalogue.versions()] == [("a", 1), ("a", 2), ("b", 1)]
    assert [(v.key.account, v.version) for v in catalogue.current()] == [("a", 2), ("b", 1)]
    assert catalogue.newest(key("c")) is None
    assert (catalogue.provider, len(catalogue.files())) == ("small", 3)


def test_what_is_no_catalogue_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no statement store"):
        Catalogue(tmp_path)
    (tmp_path / CATALOGUE).write_text("something else, longer than a header of a database" * 20)
    with pytest.raises(FileError, match="it is no catalogue"):
        Catalogue(tmp_path)
