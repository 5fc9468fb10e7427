"""How fast events in Parquet are judged, in how much memory, and how the time grows with their number.

    python -m tests.benchmarks.audit                            10,000,000 events, and a half and a quarter of it
    python -m tests.benchmarks.audit --events 100000000         another size
    python -m tests.benchmarks.audit --spark                    on Spark, too, as a ratio to the worker processes
    python -m tests.benchmarks.audit --porcupine                Porcupine's check of the same orders, as a ratio
    PYTHONPATH=.tools/compiled python -m tests.benchmarks.audit on the compiled build (.ci/compiled.sh makes it)

Wall time is that of `ackord audit` without its start, and is worth something only where others leave the machine alone:
the load average is printed. CPU seconds are those of all processes. It exits with 1 where 10,000,000 events take
longer than 10 s or the memory exceeds 4 GiB.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ackord.core import status_index
from ackord.core.event import LedgerRead, Phase
from ackord.core.history import RunHeader
from ackord.core.operation import Observation, OperationKind, Vantage
from ackord.core.payment_state import RANK
from ackord.core.verdict import Verdict
from ackord.scale.engines import InProcess, PartEngine, WorkerProcesses
from ackord.scale.event_columns import table_of
from ackord.scale.event_folder import open_folder
from ackord.scale.event_writer import EventWriter, buckets_for, write_tables
from ackord.scale.judging import judge_folder

from .judging import PROMISES, Generator

BASE = 250_000
"""So many events are generated; more are copies of them under other numbers, at later times."""
MOST_S, MOST_MIB = 10.0, 4096
_NAMES = ("order", "provider_id", "movement_id")
_GO = Path(__file__).parent / "porcupine"


class Measured(NamedTuple):
    """What one judgement took."""

    wall_s: float
    cpu_s: float
    peak_mib: float
    verdict: Verdict


def base(events: int) -> Any:
    """The rows of so many generated events about orders, in the sequence of recording."""
    history = Generator(1, 0.01).history(events)
    rows = []
    of_op: dict[int, str] = {}
    for seq, event in enumerate(history.events[:-2]):
        order = getattr(event, "order", "") or of_op[event.op]  # type: ignore[union-attr]
        if hasattr(event, "kind") and hasattr(event, "op"):
            of_op[event.op] = order
        rows.append((seq, order, event))
    return table_of(rows)


def tiles(rows: Any, events: int) -> Iterator[Any]:
    """Copies of the rows until there are so many, and the end of the run."""
    count = max(1, round(events / rows.num_rows))
    highest = {name: pc.max(rows.column(name)).as_py() + 1 for name in ("seq", "op", "at_ns")}
    coded = {name: rows.column(name).combine_chunks().dictionary_encode() for name in _NAMES}
    for i in range(count):
        copy = rows
        for name, most in highest.items():
            place = copy.schema.get_field_index(name)
            copy = copy.set_column(place, copy.schema.field(name), pc.add(copy.column(name), i * most))
        for name, codes in coded.items():
            renamed = pc.binary_join_element_wise(f"{i:04d}", codes.dictionary, "-")
            texts = pa.DictionaryArray.from_arrays(codes.indices, renamed).cast(pa.string())
            copy = copy.set_column(copy.schema.get_field_index(name), copy.schema.field(name), texts)
        yield copy
    end_ns = count * highest["at_ns"]
    seq = count * highest["seq"]
    yield table_of([(seq, "", Phase(end_ns, "settle")), (seq + 1, "", LedgerRead(end_ns + 1, 0))])


def measured(path: Path, engine: PartEngine) -> Measured:
    """Judge a folder. Of the processes' memory the largest of each is added up."""
    before = _cpu_s()
    began = time.perf_counter()
    found = judge_folder(open_folder(path), engine)
    wall_s = time.perf_counter() - began
    engine.close()
    return Measured(wall_s, _cpu_s() - before, _peak_mib(), found.verdict)


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def _peak_mib() -> float:
    own, children = (resource.getrusage(w).ru_maxrss for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + 2 * children) / 1024


def alone(path: Path, engine: str) -> Measured:
    """Measure in a process of its own, so that neither memory nor CPU time is another's."""
    command = [sys.executable, "-m", "tests.benchmarks.audit", "--judge", str(path), "--with", engine]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wall_s, cpu_s, peak_mib, result = done.stdout.split()[-4:]
    print(f"  {engine:<12} {wall_s:>7} s  {cpu_s:>7} CPU-s  {peak_mib:>6} MiB  {result}  load {os.getloadavg()[0]:.1f}")
    return Measured(float(wall_s), float(cpu_s), float(peak_mib), result)  # type: ignore[arg-type]


def judge_here(path: Path, engine: str) -> None:
    """What `alone` starts."""
    chosen: PartEngine
    if engine == "spark":
        from ackord.scale.spark import SparkParts

        chosen = SparkParts("local[2]")
    else:
        chosen = WorkerProcesses(2) if engine == "workers" else InProcess()
    found = measured(path, chosen)
    broken = sum(g.violations for g in found.verdict.guarantees)
    print(f"{found.wall_s:.2f} {found.cpu_s:.2f} {found.peak_mib:.0f} {found.verdict.result}:{broken}")


def porcupine(path: Path, orders: int) -> None:
    """Have Porcupine check the same orders for linearizability, and us judge them, one process and thread each."""
    binary = path / "check"
    built = subprocess.run(["go", "build", "-o", str(binary), "."], cwd=_GO, capture_output=True, text=True)
    if built.returncode:
        print(f"  porcupine: not measured: {built.stderr.strip().splitlines()[-1]}")
        return
    history = Generator(1, 0.01).history(orders * 55)
    lines = []
    for order in history.orders:
        for x in order.exchanges:
            if x.complete_ns is not None:
                told = x.observation in (Observation.ACK, Observation.STATUS)
                rank = 0 if x.observation is Observation.NOT_FOUND else RANK[x.state] if told else -1
                lines.append(
                    f"{order.number} {x.begin_ns} {x.complete_ns} {int(x.kind is not OperationKind.QUERY)} {rank}\n"
                )
    (path / "operations.txt").write_text("".join(lines))
    checked = subprocess.run([binary, path / "operations.txt"], capture_output=True, text=True, check=True)
    theirs_s = float(checked.stdout.split()[0])
    folder = path / "porcupine-events"
    with EventWriter(folder, history.header) as writer:
        for event in history.events:
            writer.add(event)
    ours = alone(folder, "in-process")
    print(
        f"  porcupine    {theirs_s:.2f} CPU-s for {len(lines):,} operations of {len(history.orders):,} orders: {checked.stdout.strip()}"
    )
    print(f"  ratio: Porcupine takes {theirs_s / ours.cpu_s:.2f} times as long for one model as we for all guarantees")


def main() -> int:
    """Return 0 if the lines are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--porcupine", action="store_true")
    parser.add_argument("--once", action="store_true", help="this size only")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--with", dest="engine", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.judge:
        judge_here(arguments.judge, arguments.engine)
        return 0
    rows, met = base(min(BASE, arguments.events)), True
    print("build: pure Python" if str(status_index.__file__).endswith(".py") else "build: compiled")
    header = RunHeader("bench", "storm", "provider", Vantage.PROVIDER, 1, PROMISES)
    for events in (
        [arguments.events] if arguments.once else [arguments.events >> 2, arguments.events >> 1, arguments.events]
    ):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "events"
            write_tables(path, tiles(rows, events), header, complete=True, buckets=buckets_for(events))
            size = sum(file.stat().st_size for file in path.iterdir()) / 1e6
            print(f"{open_folder(path).events:,} events, {size:,.0f} MB in {buckets_for(events)} files")
            found = alone(path, "workers")
            if arguments.spark:
                print(f"  ratio: Spark takes {alone(path, 'spark').wall_s / found.wall_s:.2f} times as long")
            met = met and found.peak_mib < MOST_MIB and found.wall_s < MOST_S * max(1, events / 10_000_000)
    if arguments.porcupine:
        with tempfile.TemporaryDirectory() as name:
            porcupine(Path(name), 5_000)
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
