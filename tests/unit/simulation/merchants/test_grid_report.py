"""What is written about a simulation."""

from __future__ import annotations

import io
import json

from rich.console import Console

from ackord.core.share_interval import counted_share
from ackord.simulation.merchants.grid_report import never_hit, per_million, print_grid, to_json, to_markdown, to_text

from .grids import grid_of


def printed(width: int, *, details: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_grid(console, grid_of(), details=details)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_nothing_counted_says_how_many_there_may_be() -> None:
    assert per_million(counted_share(0, 10_000)) == "0 (at most 300)"
    assert per_million(counted_share(560, 1000)) == "560,000 (529,000-590,000)"


def test_json_has_each_cell_with_bounds_and_what_was_left_out() -> None:
    data = json.loads(to_text(grid_of()))
    assert data == json.loads(json.dumps(to_json(grid_of())))
    assert [(c["policy"], c["profile"]) for c in data["cells"]] == [
        ("naive", "none"), ("naive", "lost-answers"), ("recommended", "none"), ("recommended", "lost-answers"),
    ]  # fmt: skip
    cell = data["cells"][1]
    assert cell["paid_twice"]["low_per_million"] < cell["paid_twice"]["per_million"] == 560_000
    assert cell["not_simulated"] == ["node-pause"]
    assert cell["settles_ms"]["p50"] < cell["settles_ms"]["p99"]


def test_faults_that_hit_nothing_are_told() -> None:
    assert never_hit(grid_of()) == [("lost-answers", "lost-request"), ("lost-answers", "reset")]
    assert "never hit an order: reset, of the profile lost-answers" in printed(100)


def test_markdown_has_one_row_a_cell() -> None:
    text = to_markdown(grid_of())
    assert "| lost-answers | **560,000** | 0 |" in text
    assert text.count("\n| naive | ") == 2


def test_a_narrow_terminal_is_kept_to() -> None:
    text = printed(80, details=True)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "560,000" in text
    assert "not simulated: node-pause, of the profile lost-answers" in text
    assert "no double payment under any profile" in text
