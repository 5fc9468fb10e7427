"""The heat map: two files, the same ones each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from defusedxml import ElementTree

from ackord.errors import UsageError
from ackord.simulation.merchants import grid_heat_map
from ackord.simulation.merchants.grid_heat_map import FORMATS, draw_heat_map, require_matplotlib

from .grids import grid_of


def test_it_is_drawn_and_names_what_it_shows(tmp_path: Path) -> None:
    paths = draw_heat_map(grid_of(), tmp_path)
    assert [path.suffix[1:] for path in paths] == list(FORMATS)
    assert paths[1].read_bytes().startswith(b"\x89PNG")
    text = paths[0].read_text()
    ElementTree.fromstring(text)
    assert all(word in text for word in ("naive", "recommended", "lost-answers", "560,000"))


def test_it_is_the_same_each_time(tmp_path: Path) -> None:
    first = draw_heat_map(grid_of(), tmp_path, "a")[0].read_bytes()
    assert first == draw_heat_map(grid_of(), tmp_path, "b")[0].read_bytes()


def test_a_grid_without_any_double_payment_is_drawn_too(tmp_path: Path) -> None:
    assert all(path.stat().st_size > 1000 for path in draw_heat_map(grid_of(naive_twice=0), tmp_path))


def test_a_missing_library_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_heat_map, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"ackord\[plots\]"):
        require_matplotlib()
