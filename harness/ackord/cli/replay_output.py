"""Prints a replay: one line a play on standard error, and at the end what came out of it."""

from __future__ import annotations

import sys

from ..core.clock import SECOND
from ..replay.player import Play
from ..replay.replay import Replayed
from ..report.format import count
from ..run.options.plan import RunPlan

__all__ = ["ReplayOutput"]


class ReplayOutput:
    """What one replay prints."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def played(self, number: int, play: Play) -> None:
        """Say how a play ended."""
        if not self._quiet:
            print(f"play {number}: {play.outcome}{f': {play.said}' if play.said else ''}", file=sys.stderr)

    def show(self, result: Replayed, plan: RunPlan) -> None:
        """Print the end."""
        recorded, confirmed = result.recorded, result.confirmed
        verb = "broken" if recorded.broken else "not broken"
        changed = "" if confirmed is recorded else f"; as it is there, not as it was recorded: {confirmed}"
        lines = [
            f"{confirmed.scenario.guarantee}: {verb} again, {recorded}",
            f"scenario  {result.scenario_file}: {confirmed.scenario.size}{changed}",
        ]
        if result.shrunk is not None and result.shrunk_confirmed is not None:
            shrunk = result.shrunk
            end = "no single part of it can go" if shrunk.finished else "the search was cut off by its bound"
            tried = f"{count(shrunk.tries, 'smaller scenario')} tried"
            lines += [
                f"shrunk    {result.shrunk_file}: {shrunk.scenario.size}; {result.shrunk_confirmed}",
                f"          {tried} in {result.shrunk_ns / SECOND:.0f} s; {end}",
            ]
        if result.pytest_file is not None:
            lines.append(f"pytest    {result.pytest_file}")
        lines += [f"seed      {plan.seed}", f"evidence  {plan.out}"]
        for line in lines[:1] if self._quiet else lines:
            print(line)
