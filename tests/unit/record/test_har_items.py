"""A HAR is read entry by entry: the entries that ``json.loads`` gives, and what is wrong is told with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.errors import FileError
from ackord.record import har_items as module
from ackord.record.har_items import MOST_LEVELS, har_items

_LEAVES = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False)
_NAMES = st.text() | st.sampled_from(["log", "entries", "log.entries", "item"])
_VALUES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4))


def items(folder: Path, content: bytes) -> list[Any]:
    path = folder / "traffic.har"
    path.write_bytes(content)
    return list(har_items(path))


@given(
    st.lists(_VALUES, max_size=5), st.dictionaries(_NAMES, _VALUES, max_size=3),
    st.dictionaries(_NAMES, _VALUES, max_size=3), st.booleans(), st.sampled_from([1, 7, 1 << 16]),
)  # fmt: skip
def test_the_entries_are_those_that_a_reader_of_the_whole_file_finds(
    tmp_path_factory: pytest.TempPathFactory,
    entries: list[Any],
    others: dict[str, Any],
    around: dict[str, Any],
    escaped: bool,
    buffer_bytes: int,
) -> None:
    text = json.dumps({**around, "log": {**others, "entries": entries}}, ensure_ascii=escaped)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BUFFER_BYTES", buffer_bytes)
        found = items(tmp_path_factory.mktemp("har"), text.encode())
    assert json.dumps(found, default=float) == json.dumps(json.loads(text)["log"]["entries"])


def test_a_byte_order_mark_is_no_part_of_it(tmp_path: Path) -> None:
    assert items(tmp_path, '\ufeff{"log": {"entries": [1]}}'.encode()) == [1]


def nested(levels: int) -> bytes:
    return b'{"log": {"entries": [%s%s]}}' % (b"[" * (levels - 3), b"]" * (levels - 3))


def test_what_is_nested_deeper_than_any_har_is_told_before_memory_is_spent(tmp_path: Path) -> None:
    assert len(items(tmp_path, nested(MOST_LEVELS))) == 1
    for levels in (MOST_LEVELS + 1, 1_000_000):
        with pytest.raises(FileError, match="nested deeper than 500 levels in entry 1"):
            items(tmp_path, nested(levels))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"log": {"entries": [{}, {"time": ', "the file is cut off in entry 2"),
        (b'{"log": {"entries": [{}, {"time": 20.', "the file is cut off in entry 2"),
        (b'{"log": {"entries": [{}, {"time": nul', "the file is cut off in entry 2"),
        (b'{"log": {"entries": [{}, {}', "the file is cut off after entry 2"),
        (b'{"log": {"entries": [{}, {}]}', "the file is cut off after entry 2"),
        (b'{"log": {"creator": "x', "the file is cut off before the first entry"),
        (b'{"log": {"entries": [{}, {"time": nothing}]}}', r"this is not JSON: .*\(in entry 2\)"),
        (b'{"log": {"entries": [{}, {"time": "\xff"}]}}', r"this is not JSON: invalid bytes in UTF8.*\(in entry 2\)"),
        (b'{"log": {"entries": [{}]}} {}', r"this is not JSON: trailing garbage \(after entry 1\)"),
        (b'{"log": {"entries": [{}, {"time": %s}]}}' % (b"1" * 5000), "a number has more digits than can be read"),
        (b'{"log.entries": [{}]}', "there are no log.entries"),
        (b'{"log": [{"entries": [{}]}]}', "there are no log.entries"),
        (b'[{"log": {"entries": [{}]}}]', "there are no log.entries"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(FileError, match=says) as caught:
        items(tmp_path, content)
    assert "expected: a HAR 1.2 file" in str(caught.value)


def test_a_folder_is_no_har(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        list(har_items(tmp_path))


def test_entries_before_a_bad_place_come_first_and_the_bytes_read_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TOLD_EVERY", 1)
    path = tmp_path / "traffic.har"
    path.write_bytes(b'{"log": {"entries": [1, 2, x]}}')
    told: list[int] = []
    reading = har_items(path, told.append)
    assert [next(reading), next(reading)] == [1, 2]
    with pytest.raises(FileError):
        next(reading)
    assert told == [path.stat().st_size] * 2
