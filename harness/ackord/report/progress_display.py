"""Shows progress while a campaign runs: a live table on a terminal, elsewhere one plain line for each phase change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ..core.verdict import Result
from .format import count
from .styles import STYLES

__all__ = ["ProfileProgress", "ProgressDisplay"]


class ProfileProgress(Protocol):
    """The phase of one profile, and its counts so far."""

    @property
    def profile(self) -> str: ...
    @property
    def phase(self) -> str: ...
    @property
    def operations(self) -> int: ...
    @property
    def exposures(self) -> int: ...
    @property
    def violations(self) -> int: ...
    @property
    def result(self) -> Result | None:
        """Set when the profile is judged."""


@dataclass(slots=True)
class _Row:
    phase: str = "waiting"
    operations: int = 0
    exposures: int = 0
    violations: int = 0
    result: Result | None = None


class ProgressDisplay:
    """Use as a context manager. Safe to update from the thread that runs the profiles; drawn at most four times a
    second.
    """

    def __init__(self, console: Console, profiles: Iterable[str] = ()) -> None:
        self._console = console
        self._rows = {name: _Row() for name in profiles}
        self._live: Live | None = None
        if console.is_terminal and not console.is_dumb_terminal:
            self._live = Live(console=console, refresh_per_second=4, get_renderable=self.table, transient=True)

    def __enter__(self) -> ProgressDisplay:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def update(self, now: ProfileProgress) -> None:
        """Replace the counts of one profile."""
        row = self._rows.setdefault(now.profile, _Row())
        changed = row.phase != now.phase or row.result is not now.result
        row.phase, row.result = now.phase, now.result
        row.operations, row.exposures, row.violations = now.operations, now.exposures, now.violations
        # "done" without a result means that the profile is being judged; the line with the result follows at once.
        if self._live is None and changed and (now.phase != "done" or now.result is not None):
            self._line(now.profile, row)

    def table(self) -> Table:
        """Return the current table."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("profile", no_wrap=True)
        table.add_column("phase", no_wrap=True)
        for name in ("operations", "exposures", "violations"):
            table.add_column(name, justify="right", no_wrap=True)
        for profile, row in self._rows.items():
            table.add_row(
                Text(profile),
                _phase(row),
                f"{row.operations:,}",
                f"{row.exposures:,}",
                Text(f"{row.violations:,}", style=STYLES[Result.VIOLATED] if row.violations else ""),
            )
        return table

    def _line(self, profile: str, row: _Row) -> None:
        words = row.result.value if row.result is not None else row.phase
        counts = [
            count(row.operations, "operation"),
            count(row.exposures, "exposure"),
            count(row.violations, "violation"),
        ]
        # The first phases have nothing to count, so zeros are not logged.
        tail = ", ".join(counts) if row.operations else ""
        self._console.print(Text(f"{profile}: {words}" + (f"  ({tail})" if tail else "")), soft_wrap=True)


def _phase(row: _Row) -> Text:
    if row.result is not None:
        return Text(row.result.value, style=STYLES[row.result])
    return Text(row.phase, style="dim" if row.phase == "waiting" else "bold")
