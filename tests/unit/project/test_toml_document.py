from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ackord.contract.loading.file_text import MAX_BYTES
from ackord.errors import FileError
from ackord.project.toml_document import TomlDocument, read_toml

TEXT = """\
# target = "in a comment"
budget = "deep"
contracts = [
    "one.yaml",
    # "two.yaml"
    {contract = "two.yaml", target = "http://127.0.0.1:1"},
    "three.yaml",
]

[tool.ackord]
profiles = ["none", "latency"]
seed = 7

[[tool.ackord.contracts]]
contract = "a"

[[tool.ackord.contracts]]
contract = "b"
'time-limit' = '''
30m'''
"""


@pytest.fixture
def document(tmp_path: Path) -> TomlDocument:
    path = tmp_path / "x.toml"
    path.write_text(TEXT)
    return read_toml(path)


@pytest.mark.parametrize(
    ("at", "line"),
    [
        ((), 1),
        (("budget",), 2),
        (("contracts",), 3),
        (("contracts", 0), 4),
        (("contracts", 1), 3),
        (("contracts", 1, "target"), 6),
        (("contracts", 2), 7),
        (("contracts", 9), 3),
        (("tool", "ackord"), 10),
        (("tool", "ackord", "profiles", 1), 11),
        (("tool", "ackord", "seed"), 12),
        (("tool", "ackord", "contracts", 1), 17),
        (("tool", "ackord", "contracts", 1, "contract"), 18),
        (("tool", "ackord", "contracts", 1, "time-limit"), 19),
        (("tool", "ackord", "nothing"), 10),
    ],
)
def test_an_entry_has_its_line(document: TomlDocument, at: tuple[str | int, ...], line: int) -> None:
    assert document.line(at) == line


def test_places_of_a_table_are_those_of_the_file(document: TomlDocument) -> None:
    table = replace(document, data=document.data["tool"]["ackord"], root=("tool", "ackord"))
    assert table.line(("seed",)) == 12
    assert str(table.error(("nothing",), "it is wrong", mend="do it")).endswith("x.toml:10: it is wrong\n  mend: do it")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"a = 1\nb = \n", "x.toml:2: this is not TOML: Invalid value"),
        (b"a = 1\na = 2\n", "x.toml:2: this is not TOML: Cannot overwrite a value"),
        (b"a = [1,\n", "x.toml:1: this is not TOML"),
        (b"a = 1\nb = '\xff'\n", "x.toml:2: this is not UTF-8 text"),
        (b"#" * (MAX_BYTES + 1), "the file is over 1 MiB"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, raw: bytes, says: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(raw)
    with pytest.raises(FileError) as error:
        read_toml(path)
    assert says in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        read_toml(tmp_path / "x.toml")
    with pytest.raises(FileError, match="it cannot be read: Is a directory"):
        read_toml(tmp_path)


def test_lines_that_end_as_on_windows_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"a = 1\r\nb = [\r\n1,\r\n]\r\nc = 2\r\n")
    assert read_toml(path).line(("c",)) == 5
