"""Run every flaw under the profile named for it, and every correct variant under every profile, with many seeds.

Each cell is a separate process, ``ackord certify``, exactly as a user runs it. Finished cells are kept as JSON lines,
so an interrupted grid continues where it stopped.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from ..providers.flaws import FLAWS
from .command_grid import INTERRUPTED, CellKey, CommandGrid, Commands, KeptResult

__all__ = ["MatrixCell", "run_flaw_matrix"]


class MatrixCell(NamedTuple):
    """One flaw or variant with one seed."""

    flaw: str
    seed: int
    right: bool
    """The flaw was caught by the guarantee that is named for it; or the variant passed everywhere."""
    says: str
    """The guarantees that were violated, or what went wrong."""
    elapsed_ms: int

    @property
    def key(self) -> CellKey:
        return CellKey(self.flaw, self.seed)


def run_flaw_matrix(console: Console, *, seeds: int, first_seed: int, only: list[str], jobs: int, out: Path) -> int:
    """Run what is missing and print the table. Return 0 if every cell is right, else 1. Raises ``UnknownNameError``."""
    # Flaws first: their runs stop early, so a grid tells the most in its first minutes.
    chosen = [FLAWS.get(name) for name in only] if only else sorted(FLAWS, key=lambda flaw: flaw.correct)
    wanted = [CellKey(f.name, seed) for f in chosen for seed in range(first_seed, first_seed + seeds)]

    def told(cell: MatrixCell) -> None:
        console.print(
            f"{'ok   ' if cell.right else 'WRONG'} {cell.flaw} seed {cell.seed} ({cell.elapsed_ms / 1000:.1f} s) "
            f"{cell.says}",
            highlight=False,
        )

    done = CommandGrid(out / "cells.jsonl", MatrixCell).fill(
        wanted, lambda key, running: _run_cell(key, out, running), jobs=jobs, on_done=told
    )
    console.print(markdown(done), highlight=False, markup=False, soft_wrap=True)
    return 0 if len(done) == len(wanted) and all(cell.right for cell in done) else 1


def _run_cell(key: CellKey, out: Path, running: Commands) -> MatrixCell | None:
    flaw, seed = key
    entry = FLAWS.get(flaw)
    folder = out / f"{flaw}-seed{seed}"
    target = [] if entry.contract == "reference" else ["--target", "emulator", "--profile", entry.profile]
    certify = ["certify", entry.contract, *target, "--flaw", flaw, "--seed", str(seed)]
    exit_code, said = running.run(certify, folder)
    if exit_code == INTERRUPTED:
        return None
    kept = KeptResult.of(folder)
    if kept is None:
        return MatrixCell(flaw, seed, False, f"exit {exit_code}: {said[-300:]}", 0)
    says = ", ".join(kept.broken) or kept.result
    right = exit_code == (0 if entry.correct else 1)
    if not entry.correct:
        right = right and f"{entry.caught_by} @ {entry.profile}" in kept.broken
    return MatrixCell(flaw, seed, right, says, kept.elapsed_ms)


def markdown(cells: list[MatrixCell]) -> str:
    """The table, a row a flaw: ``| flaw | caught by | under | right of n | median s |``."""
    lines = ["| flaw or variant | must be caught by | under | right | median |", "|---|---|---|---|---|"]
    for flaw in dict.fromkeys(c.flaw for c in cells):
        entry = FLAWS.get(flaw)
        mine = [c for c in cells if c.flaw == flaw]
        times = sorted(c.elapsed_ms for c in mine)
        expected = (
            ("nothing (correct)", "every profile") if entry.correct else (f"`{entry.caught_by}`", f"`{entry.profile}`")
        )
        lines.append(
            f"| `{flaw}` | {expected[0]} | {expected[1]} | {sum(c.right for c in mine)} of {len(mine)} | "
            f"{times[len(times) // 2] / 1000:.1f} s |"
        )
    return "\n".join(lines)
