"""A journal that grows is read as it grows, and a file that is not the same any more is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.errors import FileError
from ackord.record.journal import JournalWriter, read_journal
from ackord.record.journal_tail import JournalTail

from ..guarantees.build import history, order

TOLD = history(order("A").submit(0, 5).query(6, 7, "NOT_FOUND"))


def test_events_come_as_their_lines_become_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    writer = JournalWriter(path, TOLD.header)
    with JournalTail(path) as tail:
        assert list(tail.read()) == [] and tail.header == TOLD.header and not tail.ended
        writer.add(TOLD.events[0])
        writer._file.flush()
        assert list(tail.read()) == TOLD.events[:1]
        for event in TOLD.events[1:]:
            writer.add(event)
        writer.close()
        assert list(tail.read()) == TOLD.events[1:] and tail.ended
    assert read_journal(path).complete


def test_half_a_line_waits(tmp_path: Path) -> None:
    path, whole = tmp_path / "journal.jsonl", tmp_path / "whole.jsonl"
    writer = JournalWriter(whole, TOLD.header)
    writer.add(TOLD.events[0])
    writer.close()
    data = whole.read_bytes()
    path.write_bytes(b"")
    with JournalTail(path) as tail:
        found = []
        for i in range(0, len(data), 50):
            with path.open("ab") as file:
                file.write(data[i : i + 50])
            found += list(tail.read())
        assert found == TOLD.events[:1] and tail.ended


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:40]), "became shorter while it was followed"),
        (lambda path: path.unlink(), "was removed while it was followed"),
        (
            lambda path: (path.with_name("new").write_bytes(path.read_bytes()), path.with_name("new").replace(path)),
            "another file took its place",
        ),
    ],
)
def test_another_file(tmp_path: Path, change: object, says: str) -> None:
    path = tmp_path / "journal.jsonl"
    JournalWriter(path, TOLD.header)._file.flush()
    with JournalTail(path) as tail:
        list(tail.read())
        change(path)  # type: ignore[operator]
        with pytest.raises(FileError, match=f"{path.name}: {says}"):
            list(tail.read())


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"journal\.jsonl: cannot be read"):
        JournalTail(tmp_path / "journal.jsonl")
