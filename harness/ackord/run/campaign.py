"""Judges many contracts with many seeds, each in a process of its own, and sums them up in one verdict."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from ..core.shard import shard_numbers
from ..errors import UsageError
from ..report.exit_code import worst_exit_code
from ..report.files import json_bytes, write_file
from ..report.format import count
from ..report.markdown import escaped
from .command_grid import INTERRUPTED, CellKey, CommandGrid, Commands, KeptResult
from .options.run_options import RunOptions
from .resolve import make_plan

__all__ = ["Campaign", "CampaignRun", "CampaignVerdict"]

SUMMARY_FILE = "campaign.json"
TABLE_FILE = "campaign.md"
RUNS_FILE = "runs.jsonl"


class CampaignRun(NamedTuple):
    """One contract with one seed."""

    contract: str
    seed: int
    exit_code: int
    result: str
    """The verdict, or ``ERROR`` where there is none."""
    broken: list[str]
    """``GUARANTEE @ PROFILE``, each that was violated or unsafe."""
    says: str
    """What went wrong, where there is no verdict."""
    elapsed_ms: int

    @property
    def key(self) -> CellKey:
        return CellKey(self.contract, self.seed)


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be run."""

    contracts: Sequence[str]
    options: RunOptions
    """Of every run; contract, seed and folder are put in."""
    seeds: range
    out: Path
    shard: str = ""
    """Which part of it is run here, such as ``3/10``; empty: all."""
    engine: str = ""
    """A master of Spark, whose tasks the runs are; empty: they are processes of this machine."""

    def keys(self) -> list[CellKey]:
        """Return the runs of this shard, seed by seed: every contract is judged early. Raises ``UsageError``."""
        names = list(self._names())
        keys = [CellKey(name, seed) for seed in self.seeds for name in names]
        if not self.shard:
            return keys
        try:
            number, of = shard_numbers(self.shard)
        except ValueError as error:
            raise UsageError(f"--shard {self.shard}: {error}") from None
        return keys[number - 1 :: of]

    def _names(self) -> dict[str, str]:
        """Return the contracts by the names of their runs."""
        names = {Path(contract).stem if Path(contract).suffix else contract: contract for contract in self.contracts}
        if len(names) < len(self.contracts):
            raise UsageError("two contracts have one name.\n  mend: name each once, and give files different names")
        return names

    def run(self, *, jobs: int, on_done: Callable[[CampaignRun], None]) -> CampaignVerdict:
        """Run what the folder does not hold yet, and write the summary.

        Raises ``AckordError`` for what is wrong with a contract or an option, before anything is run.
        """
        names, keys = self._names(), self.keys()
        for contract in names.values():
            make_plan(self._options(contract, self.seeds.start))
        self._refuse_another()
        grid = CommandGrid(self.out / RUNS_FILE, CampaignRun)
        write_file(self.out / SUMMARY_FILE, json_bytes({"schema": "ackord-campaign/v1", "runs_with": self._runs_with}))

        def play(key: CellKey, running: Commands) -> CampaignRun | None:
            return self._play(names[key.name], key, running)

        with self._commands() as commands:
            done = grid.fill(keys, play, jobs=jobs, on_done=on_done, commands=commands)
        verdict = CampaignVerdict(tuple(done), len(keys) - len(done), self.shard)
        summary = {"schema": "ackord-campaign/v1", "runs_with": self._runs_with, **verdict.to_json()}
        write_file(self.out / SUMMARY_FILE, json_bytes(summary), masked=True)
        write_file(self.out / TABLE_FILE, verdict.markdown().encode("utf-8", "backslashreplace"), masked=True)
        return verdict

    @contextmanager
    def _commands(self) -> Iterator[Commands | None]:
        """Open the session of Spark; ``None``: there is none to be opened."""
        if not self.engine:
            yield None
            return
        from .spark_commands import SparkCommands

        commands = SparkCommands(self.engine)
        try:
            yield commands
        finally:
            commands.close()

    def _options(self, contract: str, seed: int, folder: Path | None = None) -> RunOptions:
        return replace(self.options, contract=contract, seed=seed, out=folder, isolated=True)

    @property
    def _runs_with(self) -> str:
        """The command of a run, without what tells runs apart: a folder holds the runs of one such command."""
        return self._options("CONTRACT", 0).command()

    def _refuse_another(self) -> None:
        path = self.out / SUMMARY_FILE
        try:
            before = json.loads(path.read_bytes()).get("runs_with")
        except (OSError, ValueError, AttributeError):
            return
        if before != self._runs_with:
            raise UsageError(
                f"{self.out} holds the runs of another campaign: {before}\n"
                f"  expected: {self._runs_with}\n  mend: give another --out, or the same options"
            )

    def _play(self, contract: str, key: CellKey, running: Commands) -> CampaignRun | None:
        folder = self.out / f"{key.name}-seed{key.seed}"
        if self.engine and Path(contract).suffix:
            contract = str(Path(contract).resolve())  # a worker has a folder of its own
        words = shlex.split(self._options(contract, key.seed).command())[1:]
        exit_code, said = running.run([*words, "--quiet"], folder)
        if exit_code == INTERRUPTED:
            return None
        last = said.splitlines()[-1] if said else ""
        kept = KeptResult.of(folder)
        if kept is None:
            return CampaignRun(*key, exit_code or 4, "ERROR", [], last, 0)
        return CampaignRun(*key, exit_code, kept.result, kept.broken, last, kept.elapsed_ms)


@dataclass(frozen=True, slots=True)
class CampaignVerdict:
    """What the runs came to."""

    runs: tuple[CampaignRun, ...]
    missing: int
    """Number of runs that were interrupted, or not begun."""
    shard: str

    @property
    def exit_code(self) -> int:
        """The worst of the runs; a run that is missing is never a pass."""
        worst = worst_exit_code(run.exit_code for run in self.runs) if self.runs else 3
        return 3 if self.missing and worst == 0 else worst

    @property
    def sentence(self) -> str:
        held = sum(run.exit_code == 0 for run in self.runs)
        part = f" of the shard {self.shard}" if self.shard else ""
        said = f"{held} of {count(len(self.runs) + self.missing, 'run')}{part} held"
        missing = f", {self.missing} not run" if self.missing else ""
        return f"{said}{missing}. Exit code {self.exit_code}."

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return a row a contract: name, ``HELD k of n``, other verdicts, what was broken in how many of its runs."""
        found = []
        for contract in dict.fromkeys(run.contract for run in self.runs):
            mine = [run for run in self.runs if run.contract == contract]
            verdicts = Counter(run.result for run in mine)
            held = f"{sum(run.exit_code == 0 for run in mine)} of {len(mine)}"
            others = ", ".join(f"{n} {verdict}" for verdict, n in sorted(verdicts.items()) if verdict != "HELD")
            broken = Counter(name for run in mine for name in run.broken)
            parts = [f"{name} ({n} of {len(mine)})" for name, n in broken.most_common()]
            parts += sorted({run.says for run in mine if run.result == "ERROR" and run.says})
            found.append((contract, held, others or "-", "; ".join(parts) or "-"))
        return sorted(found)

    def markdown(self) -> str:
        rows = "".join(f"| {' | '.join(map(escaped, row))} |\n" for row in self.rows())
        return f"**{escaped(self.sentence)}**\n\n| contract | held | other | broken |\n|---|---|---|---|\n{rows}"

    def to_json(self) -> dict[str, Any]:
        return {
            "shard": self.shard,
            "exit_code": self.exit_code,
            "not_run": self.missing,
            "runs": [run._asdict() for run in sorted(self.runs)],
        }
