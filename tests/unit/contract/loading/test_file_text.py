"""Small text files of users: what cannot be read is one error, with the line where there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.loading.file_text import MAX_BYTES, decoded, read_bytes
from ackord.errors import FileError


def test_a_file_s_text_is_without_its_mark(tmp_path: Path) -> None:
    (path := tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfa: \xc3\xa4\n")
    assert decoded(path, read_bytes(path, "YAML")) == "a: ä\n"


@pytest.mark.parametrize(
    ("raw", "says"), [(b"a: 1\nb: \xff", r":2: this is not UTF-8 text"), (b"x" * (MAX_BYTES + 1), "over 1 MiB")]
)
def test_what_is_no_text_is_one_error(tmp_path: Path, raw: bytes, says: str) -> None:
    (path := tmp_path / "x.yaml").write_bytes(raw)
    with pytest.raises(FileError, match=says):
        decoded(path, read_bytes(path, "YAML"))


def test_what_cannot_be_read_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"(?s)no such file.*run it first"):
        read_bytes(tmp_path / "none", "TOML", mend="run it first")
    with pytest.raises(FileError, match=r"(?s)it cannot be read: .*give a readable TOML file"):
        read_bytes(tmp_path, "TOML")
