"""A test's folder has a name of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.run.suite_evidence import file_name, shown


def test_names_that_differ_have_folders_that_differ() -> None:
    nodes = ["tests/test_a.py::test_b", "tests/test_a.py::test-b", "tests-test_a.py::test_b", f"a.py::{'x' * 300}",
             f"a.py::{'x' * 301}", "a.py::t[1]", "a.py::t[-1-"]  # fmt: skip
    names = [file_name(node) for node in nodes]
    assert len(set(names)) == len(nodes)
    assert all(len(name) < 120 and "/" not in name and "." not in name for name in names)


def test_a_path_is_shown_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "a" / "b") == "a/b"
    assert shown(tmp_path.parent / "b") == str(tmp_path.parent / "b")
