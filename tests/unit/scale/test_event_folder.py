"""A folder is opened with its header, and what is wrong in it is told with the file."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ackord.errors import FileError
from ackord.scale.event_folder import HEADER, RUN_FILE, bucket_of, open_folder, read_rows

from .folders import written
from .planted import planted_history

HISTORY = planted_history(3, 5)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(HISTORY, tmp_path / "events", buckets=2)


def changed(folder: Path, **header: object) -> None:
    data = json.loads((folder / HEADER).read_text())
    (folder / HEADER).write_text(json.dumps({k: v for k, v in (data | header).items() if v is not None}))


def test_what_was_written(folder: Path) -> None:
    found = open_folder(folder)
    assert (found.header, found.events, found.complete, found.cut_by) == (
        HISTORY.header, len(HISTORY.events), HISTORY.complete, 2
    )  # fmt: skip


def test_buckets_are_those_of_the_documentation() -> None:
    assert bucket_of("123456789", 2**12) == 0xCBF43926 % 2**12  # the check value of CRC-32


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ({"ackord": "journal"}, "is not the header of a run's events"),
        ({"version": 7}, "it is of version 7; this Ackord reads version 1"),
        ({"header": None}, "'header' is missing"),
        ({"buckets": -1}, "buckets is from 0 to 4096"),
        ({"events": 1}, "states 1 events, and the files hold"),
    ],
)
def test_a_wrong_header(folder: Path, header: dict[str, object], says: str) -> None:
    changed(folder, **header)
    with pytest.raises(FileError, match=f"{HEADER}: .*{says}"):
        open_folder(folder)


def test_no_header(folder: Path) -> None:
    (folder / HEADER).unlink()
    with pytest.raises(FileError, match=r"header\.json: cannot be read.*\n.*\n.*its writing did not end"):
        open_folder(folder)


def test_a_file_is_missing(folder: Path) -> None:
    (folder / RUN_FILE).unlink()
    with pytest.raises(FileError, match=r"run\.parquet: cannot be read"):
        open_folder(folder)


def test_a_file_is_not_parquet(folder: Path) -> None:
    (folder / RUN_FILE).write_bytes(b"PAR?" * 10)
    with pytest.raises(FileError, match=r"run\.parquet: is not a Parquet file"):
        open_folder(folder)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"seq": [1], "e": ["phase"], "at_ns": [1]}, "has no column order"),
        ({"seq": ["1"], "e": ["phase"], "at_ns": [1], "order": [""]}, "column seq is of type string"),
        ({"seq": [1], "e": [5], "at_ns": [1], "order": [""]}, "column e is of type int64"),
    ],
)
def test_other_columns(folder: Path, columns: dict[str, list[object]], says: str) -> None:
    pq.write_table(pa.table(columns), folder / RUN_FILE)
    with pytest.raises(FileError, match=f"{RUN_FILE}: {says}"):
        open_folder(folder)


def test_a_damaged_row_group_is_named(folder: Path) -> None:
    file = folder / "orders-0000.parquet"
    data = bytearray(file.read_bytes())
    at = pq.ParquetFile(file).metadata.row_group(0).column(0).data_page_offset
    data[at : at + 40] = b"\xff" * 40
    file.write_bytes(data)
    with pytest.raises(FileError, match=r"orders-0000\.parquet: row group 0 cannot be read"):
        read_rows(file)


def test_columns_in_which_nothing_stands_are_not_read(tmp_path: Path) -> None:
    """Of ``payee`` an empty text is what an answer states, and null is that it states none: it is read."""
    file = tmp_path / "orders-0000.parquet"
    texts = {
        "node": ["", None, ""],
        "payee": ["", None, ""],
        "account": ["", "a", None],
        "data": pa.nulls(3, pa.string()),
    }
    rows = pa.table({"seq": [1, 2, 3], "e": ["begin"] * 3, "at_ns": [1, 2, 3], "order": [""] * 3, **texts})
    pq.write_table(rows, file, row_group_size=1)
    assert read_rows(file).column_names == ["seq", "e", "at_ns", "order", *texts]
    assert read_rows(file, rows.column_names).column_names == ["seq", "e", "at_ns", "order", "payee", "account"]
    pq.write_table(rows, file, write_statistics=False)
    assert read_rows(file, rows.column_names).column_names == rows.column_names
