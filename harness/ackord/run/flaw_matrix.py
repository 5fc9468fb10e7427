"""Run every flaw under the profile named for it, and every correct variant under every profile, with many seeds.

Each cell is a separate process, ``ackord certify``, exactly as a user runs it. Finished cells are kept as JSON lines,
so an interrupted grid continues where it stopped.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from ..providers.flaws import FLAWS
from ..report.json_result import FILE_NAME

__all__ = ["MatrixCell", "run_flaw_matrix"]


_INTERRUPTED = 130


class MatrixCell(NamedTuple):
    """One flaw or variant with one seed."""

    flaw: str
    seed: int
    right: bool
    """The flaw was caught by the guarantee that is named for it; or the variant passed everywhere."""
    says: str
    """The guarantees that were violated, or what went wrong."""
    elapsed_ms: int


def run_flaw_matrix(console: Console, *, seeds: int, first_seed: int, only: list[str], jobs: int, out: Path) -> int:
    """Run what is missing and print the table. Return 0 if every cell is right, else 1. Raises ``UnknownNameError``."""
    # Flaws first: their runs stop early, so a grid tells the most in its first minutes.
    chosen = [FLAWS.get(name) for name in only] if only else sorted(FLAWS, key=lambda flaw: flaw.correct)
    out.mkdir(parents=True, exist_ok=True)
    store = out / "cells.jsonl"
    cells = {(c.flaw, c.seed): c for c in _stored(store)}
    wanted = [(f.name, seed) for f in chosen for seed in range(first_seed, first_seed + seeds)]
    missing = [key for key in wanted if key not in cells]
    lock = threading.Lock()
    cells_running = _RunningCells()

    def work(key: tuple[str, int]) -> None:
        cell = _run_cell(*key, out, cells_running)
        if cell is None:
            return  # it was interrupted: that says nothing, and the next grid runs it again
        with lock:
            cells[key] = cell
            with store.open("a") as file:
                file.write(json.dumps(cell._asdict()) + "\n")
            console.print(
                f"{'ok   ' if cell.right else 'WRONG'} {cell.flaw} seed {cell.seed} ({cell.elapsed_ms / 1000:.1f} s) "
                f"{cell.says}",
                highlight=False,
            )

    with ThreadPoolExecutor(jobs) as pool:
        try:
            list(pool.map(work, missing))
        except BaseException:
            cells_running.end()
            raise
    done = [cells[key] for key in wanted if key in cells]
    console.print(markdown(done), highlight=False, markup=False, soft_wrap=True)
    return 0 if len(done) == len(wanted) and all(cell.right for cell in done) else 1


def _stored(store: Path) -> list[MatrixCell]:
    if not store.exists():
        return []
    cells = []
    for line in store.read_text().splitlines():
        try:
            cells.append(MatrixCell(**json.loads(line)))
        except (ValueError, TypeError):
            continue  # the last line of a grid that was cut off
    return cells


class _RunningCells:
    """The processes of the cells in work, so that an interrupted grid ends them, and begins no more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[str]] = set()
        self._ended = False

    def run(self, command: list[str]) -> tuple[int, str]:
        """Return the exit code and what was said; ``_INTERRUPTED`` without running anything once the grid was ended."""
        with self._lock:
            if self._ended:
                return _INTERRUPTED, ""
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
            )
            self._processes.add(process)
        out, err = process.communicate()
        with self._lock:
            self._processes.discard(process)
        return process.returncode, (err or out).strip()

    def end(self) -> None:
        with self._lock:
            self._ended = True
            for process in self._processes:
                process.terminate()


def _run_cell(flaw: str, seed: int, out: Path, running: _RunningCells) -> MatrixCell | None:
    entry = FLAWS.get(flaw)
    folder = out / f"{flaw}-seed{seed}"
    target = [] if entry.contract == "reference" else ["--target", "emulator", "--profile", entry.profile]
    certify = ["certify", entry.contract, *target, "--flaw", flaw, "--seed", str(seed), "--out", str(folder)]
    command = [sys.executable, "-P", "-m", "ackord", *certify]
    exit_code, said = running.run(command)
    if exit_code == _INTERRUPTED:
        return None
    try:
        result = json.loads((folder / FILE_NAME).read_text())
    except (OSError, ValueError):
        return MatrixCell(flaw, seed, False, f"exit {exit_code}: {said[-300:]}", 0)
    violated = sorted(
        {
            f"{g['id']} @ {p['profile']}"
            for p in result["profiles"]
            for g in p["guarantees"]
            if g["result"] in ("VIOLATED", "UNSAFE")
        }
    )
    elapsed_ms = round(result["elapsed_ms"])
    if entry.correct:
        return MatrixCell(flaw, seed, exit_code == 0, ", ".join(violated) or result["result"], elapsed_ms)
    right = exit_code == 1 and f"{entry.caught_by} @ {entry.profile}" in violated
    return MatrixCell(flaw, seed, right, ", ".join(violated) or result["result"], elapsed_ms)


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
