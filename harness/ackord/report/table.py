"""Prints the table of guarantees by profiles, within the width of the terminal.

A few profiles fit with their names as columns and words as cells. Otherwise columns are numbered (a legend names them),
then words become marks, then the table is split into several below each other. Everything that a colour says is also
said by a word or a mark.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..core.result import CampaignResult
from ..core.verdict import GuaranteeVerdict, Result
from .campaign_summary import labelled, rows
from .format import short_count
from .styles import STYLES

__all__ = ["print_table"]

_GAP = 2
_MARKS = {
    Result.HELD: "✓",
    Result.VIOLATED: "✗",
    Result.UNSAFE: "!",
    Result.INCONCLUSIVE: "?",
    Result.ERROR: "E",
    Result.NOT_APPLICABLE: "·",
}
_ASCII_MARKS = {**_MARKS, Result.HELD: "+", Result.VIOLATED: "X", Result.NOT_APPLICABLE: "."}
_WORDS = {result: result.value for result in Result}

TableMarks = dict[Result, str]


def print_table(console: Console, result: CampaignResult) -> None:
    """Print the table and its legend."""
    table = rows(result)
    labels = [label for label, _ in labelled(result)]
    if not table:
        return
    marks = _ASCII_MARKS if console.options.ascii_only else _MARKS
    words = {**_WORDS, Result.NOT_APPLICABLE: marks[Result.NOT_APPLICABLE]}
    numbers = {label: str(i) for i, label in enumerate(labels, 1)}
    names = {label: label for label in labels}
    left = max(len("guarantee"), *map(len, table))
    room = console.width - left
    for heads, alphabet in ((names, words), (numbers, words), (numbers, marks)):
        widths = _widths(table, labels, heads, alphabet)
        if sum(widths.values()) + _GAP * len(labels) <= room:
            break
    # Only the most compact form may be split; the others did not fit.
    for band in _bands(labels, widths, room):
        console.print(_grid(table, band, heads, alphabet, left))
        console.print()
    present = {g.result if g is not None else Result.NOT_APPLICABLE for c in table.values() for g in map(c.get, labels)}
    if heads is numbers:
        _print_list(console, "Profiles: ", [f"{numbers[label]} {label}" for label in labels])
    _print_list(console, "", [words for res, words in _legend(alphabet).items() if res in present], "; ")
    console.print()


def _widths(
    table: dict[str, dict[str, GuaranteeVerdict]], labels: Sequence[str], heads: dict[str, str], marks: TableMarks
) -> dict[str, int]:
    return {
        label: max(len(heads[label]), *(len(_cell(cells.get(label), marks)) for cells in table.values()))
        for label in labels
    }


def _bands(labels: list[str], widths: dict[str, int], room: int) -> list[list[str]]:
    """Split the columns into as few tables as fit, of nearly equal size."""
    widest = max(widths.values()) + _GAP
    fits = len(labels) if sum(widths.values()) + _GAP * len(labels) <= room else max(1, room // widest)
    pieces = -(-len(labels) // fits)
    size = -(-len(labels) // pieces)
    return [labels[i : i + size] for i in range(0, len(labels), size)]


def _grid(
    table: dict[str, dict[str, GuaranteeVerdict]],
    labels: list[str],
    heads: dict[str, str],
    marks: TableMarks,
    left: int,
) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 0, 0, _GAP), header_style="bold")
    grid.add_column("guarantee", no_wrap=True, width=left)
    for label in labels:
        grid.add_column(heads[label], no_wrap=True)
    for guarantee, cells in table.items():
        shown = [_styled(cells.get(label), marks) for label in labels]
        grid.add_row(Text(guarantee), *shown)
    return grid


def _cell(g: GuaranteeVerdict | None, marks: TableMarks) -> str:
    """Return a cell's text: ``HELD 1,312`` (exposures), ``VIOLATED 41`` (orders), ``INCONCLUSIVE``; as marks ``✓1k``,
    ``✗41``, ``?``.
    """
    if g is None:
        return marks[Result.NOT_APPLICABLE]
    mark = marks[g.result]
    match g.result:
        case Result.HELD:
            return _counted(mark, g.exposures)
        case Result.VIOLATED | Result.UNSAFE:
            return _counted(mark, g.violations)
        case _:
            return mark


def _counted(mark: str, n: int) -> str:
    return f"{mark}{short_count(n)}" if len(mark) == 1 else f"{mark} {n:,}"


def _styled(g: GuaranteeVerdict | None, marks: TableMarks) -> Text:
    return Text(_cell(g, marks), style=STYLES[g.result if g is not None else Result.NOT_APPLICABLE])


def _legend(marks: TableMarks) -> dict[Result, str]:
    return {
        Result.HELD: f"{_example(marks, Result.HELD)}: n occasions could have broken it, none did",
        Result.VIOLATED: f"{_example(marks, Result.VIOLATED)}: n orders broke it",
        Result.UNSAFE: f"{_example(marks, Result.UNSAFE)}: n orders; the contract allows it, a naive merchant pays "
        "twice",
        Result.INCONCLUSIVE: f"{marks[Result.INCONCLUSIVE]}: too little to judge by, not a pass",
        Result.ERROR: f"{marks[Result.ERROR]}: the judge failed",
        Result.NOT_APPLICABLE: f"{marks[Result.NOT_APPLICABLE]}: not applicable",
    }


def _example(marks: TableMarks, result: Result) -> str:
    mark = marks[result]
    return f"{mark}n" if len(mark) == 1 else f"{mark} n"


def _print_list(console: Console, lead: str, items: list[str], separator: str = ", ") -> None:
    """Print items in lines that break between items, not within them."""
    line = lead
    for i, item in enumerate(items):
        piece = item + (separator.rstrip() if i < len(items) - 1 else "")
        if line != lead and len(line) + len(piece) > console.width:
            console.print(Text(line.rstrip(), style="dim"))
            line = " " * len(lead)
        line += piece + " "
    console.print(Text(line.rstrip(), style="dim"))
