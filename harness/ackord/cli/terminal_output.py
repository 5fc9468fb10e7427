"""Decides what of a run goes to the terminal: the whole, one line for what is broken, or ``result.json`` alone."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from ..core.result import CampaignResult
from ..errors import AckordError, EnvironmentFailed, UsageError
from ..report import json_result
from ..report.campaign_summary import closing_sentence
from ..report.console import ProgressDisplay, print_campaign, print_short
from ..report.report_registry import write_all
from .standard_output import write_bytes

__all__ = ["ENDED", "TerminalOutput"]

ENDED = "every fault was taken back, nothing is left running"
"""What is said of a run that was interrupted."""


class TerminalOutput:
    """What one command prints, as the user chose."""

    def __init__(self, *, quiet: bool, verbose: bool, as_json: bool) -> None:
        """Raises ``UsageError`` for a choice that contradicts itself."""
        if quiet and verbose:
            raise UsageError("--quiet and --verbose contradict each other.\n  mend: leave one of them out")
        self.quiet = quiet
        self._verbose = verbose
        self._as_json = as_json

    @property
    def as_json(self) -> bool:
        """Return whether standard output is for JSON alone."""
        return self._as_json

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """With ``--json``, let whatever is printed inside go to standard error."""
        if not self._as_json:
            yield
            return
        with contextlib.redirect_stdout(sys.stderr):
            yield

    def progress(self, profiles: Iterable[str]) -> ProgressDisplay:
        """Return the display of a run's progress, on standard error."""
        if self.quiet:
            return ProgressDisplay(Console(stderr=True, quiet=True, force_terminal=False))
        return ProgressDisplay(Console(stderr=True), profiles)

    @contextlib.contextmanager
    def reported(
        self, out: Path, so_far: Callable[[AckordError | KeyboardInterrupt], CampaignResult]
    ) -> Iterator[None]:
        """Write the reports of what was judged ``so_far`` when an error or Ctrl-C ends the code inside, and pass it on.

        Nothing is written where the folder ``out`` does not exist yet.
        """
        try:
            yield
        except (AckordError, KeyboardInterrupt) as why:
            self._report(out, so_far, why)
            raise
        except OSError as error:
            self._report(out, so_far, EnvironmentFailed(str(error)))
            raise

    def _report(
        self,
        out: Path,
        so_far: Callable[[AckordError | KeyboardInterrupt], CampaignResult],
        why: AckordError | KeyboardInterrupt,
    ) -> None:
        if not out.is_dir():
            return
        try:
            with self.apart():
                result = so_far(why)
                write_all(result, out)
            if self._as_json:
                write_bytes(json_result.render(result, out))
        except (AckordError, OSError) as problem:
            print(f"ackord: the reports were not written: {problem}", file=sys.stderr)

    def end(self, result: CampaignResult, out: Path) -> NoReturn:
        """Write the reports of a run into ``out``, print its end, and leave with its exit code."""
        self.finish(result, out)
        raise typer.Exit(result.exit_code)

    def finish(self, result: CampaignResult, out: Path, *, alone: bool = True) -> None:
        """Write the reports of a run into ``out`` and print its end. ``alone``: it is the command's only run."""
        with self.apart():
            written = write_all(result, out)
        self.show(result, out, written, alone=alone)
        if result.ended_by:
            said = f"interrupted; {ENDED}" if result.interrupted else result.failure
            print(f"ackord: {said}", file=sys.stderr)

    def show(self, result: CampaignResult, folder: Path, files: Iterable[Path] = (), *, alone: bool = True) -> None:
        """Print a campaign's end. ``folder`` is what paths in ``result.json`` are relative to. A run that is not
        ``alone`` leaves standard output to the summary of all.
        """
        if self._as_json:
            if alone:
                write_bytes(json_result.render(result, folder))
            if not self.quiet:
                print(closing_sentence(result), file=sys.stderr)
        elif self.quiet:
            print_short(Console(), result)
        elif self._verbose:
            print_campaign(Console(), result, in_full=None, files=files)
        else:
            print_campaign(Console(), result)
