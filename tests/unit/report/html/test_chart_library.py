from __future__ import annotations

from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from ackord.report.html import chart_library as under_test
from ackord.report.html.chart_library import chart_library


@pytest.fixture(autouse=True)
def afresh() -> None:
    chart_library.cache_clear()


def test_it_is_the_script_of_the_installed_package() -> None:
    script = chart_library()
    assert "plotly.js v" in script[:200]
    assert "</script" not in script.lower()
    assert "\r" not in script


def test_the_package_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.delitem(sys.modules, "plotly", raising=False)
    chart_library()
    assert "plotly" not in sys.modules


def test_without_the_package_it_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "find_spec", lambda name: None)
    assert chart_library() == ""
    chart_library.cache_clear()


@pytest.mark.parametrize("content", [None, b"x</SCRIPT>y", b"\xff"])
def test_a_package_without_a_usable_script_is_none(
    content: bytes | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = ModuleSpec("plotly", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    if content is not None:
        (tmp_path / "package_data").mkdir()
        (tmp_path / "package_data" / "plotly.min.js").write_bytes(content)
    monkeypatch.setattr(under_test, "find_spec", lambda name: spec)
    assert chart_library() == ""
    chart_library.cache_clear()
