"""Progress while a campaign runs: a table that is redrawn on a terminal, one plain line a phase change everywhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..core.verdict import Result
from .styles import STYLES
from .words import count, plain

__all__ = ["ProgressDisplay"]


@dataclass(slots=True)
class _Row:
    phase: str = "waiting"
    operations: int = 0
    exposures: int = 0
    violations: int = 0
    note: str = ""
    result: Result | None = None


class ProgressDisplay:
    """Use as a context manager. Safe to update from the thread that runs the profiles; drawn at most eight times a second."""

    def __init__(self, console: Console, profiles: Iterable[str] = ()) -> None:
        self._console = console
        self._rows = {name: _Row() for name in profiles}
        self._live: Live | None = None
        if console.is_terminal and not console.is_dumb_terminal:
            self._live = Live(console=console, refresh_per_second=8, get_renderable=self.table, transient=True)

    def __enter__(self) -> ProgressDisplay:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def update(
        self, profile: str, phase: str, operations: int, exposures: int, violations: int, note: str = ""
    ) -> None:
        """Where a profile is now, and what was counted so far. The last phase of a profile comes through ``finish``."""
        row = self._rows.setdefault(profile, _Row())
        changed = row.phase != phase
        row.phase, row.operations, row.exposures, row.violations = phase, operations, exposures, violations
        row.note = plain(note)
        if self._live is None and changed:
            self._line(profile, row)

    def finish(self, profile: str, result: Result, note: str = "") -> None:
        """A profile is judged."""
        row = self._rows.setdefault(profile, _Row())
        row.phase, row.result, row.note = "done", result, plain(note)
        if self._live is None:
            self._line(profile, row)

    def table(self) -> Table:
        """The table as it stands."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("profile", no_wrap=True)
        table.add_column("phase", no_wrap=True)
        for name in ("operations", "exposures", "violations"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("", overflow="ellipsis", no_wrap=True)
        for profile, row in self._rows.items():
            table.add_row(
                Text(profile),
                _phase(row),
                f"{row.operations:,}",
                f"{row.exposures:,}",
                Text(f"{row.violations:,}", style=STYLES[Result.VIOLATED] if row.violations else ""),
                Text(row.note, style="dim"),
            )
        return table

    def _line(self, profile: str, row: _Row) -> None:
        words = row.result.value if row.result is not None else row.phase
        counts = [count(row.operations, "operation"), count(row.exposures, "exposure"), count(row.violations, "violation")]
        # The first phases have nothing to count yet; three zeros would only be noise in a log.
        tail = ", ".join(counts) if row.operations else ""
        text = "  ".join(filter(None, [f"{profile}: {words}", tail, row.note]))
        self._console.print(Text(text), soft_wrap=True)


def _phase(row: _Row) -> Text:
    if row.result is not None:
        return Text(row.result.value, style=STYLES[row.result])
    return Text(row.phase, style="dim" if row.phase == "waiting" else "bold")
