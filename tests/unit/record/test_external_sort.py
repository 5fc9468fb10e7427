"""Sorting on disk: the sequence of ``sorted``, read as often as one likes, and nothing is left in the temporary folder."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest

from ackord.errors import FileError
from ackord.record import external_sort
from ackord.record.external_sort import ExternalSort


@pytest.mark.parametrize("most_bytes", [1, 200, 1 << 20])
def test_it_sorts_as_sorted_does_and_equal_keys_stay_in_sequence(
    most_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external_sort, "_MOST_WAITING_BYTES", most_bytes)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    draw = random.Random(7)
    pairs = [(draw.randrange(12), number) for number in range(100)]
    sort: ExternalSort[int] = ExternalSort()
    for key, number in pairs:
        sort.add(key, number)
    expected = [number for _, number in sorted(pairs, key=lambda pair: pair[0])]
    assert len(sort) == 100
    assert list(sort) == expected
    assert list(sort) == expected, "it can be read again"
    assert not list(tmp_path.iterdir()), "its files have no names"
    sort.close()


def test_nothing_sorts_to_nothing() -> None:
    assert list(ExternalSort[int]()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external_sort, "_MOST_WAITING_BYTES", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(FileError, match="what is sorted cannot be written"):
        ExternalSort[int]().add(1, 1)
