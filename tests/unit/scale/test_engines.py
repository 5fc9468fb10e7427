"""In this process, over worker processes and on Spark the same verdict comes out, byte for byte, as from a history that
is judged in memory.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.core.history import History
from ackord.core.landing import estimate
from ackord.errors import EnvironmentFailed, FileError
from ackord.guarantees import GUARANTEES
from ackord.guarantees.judge import judge
from ackord.scale.engines import InProcess, PartEngine, WorkerProcesses
from ackord.scale.event_columns import table_of
from ackord.scale.event_folder import open_folder
from ackord.scale.event_writer import write_tables
from ackord.scale.judging import cut_by_order, judge_folder

from ...waiting import until
from .folders import written
from .planted import planted_cases, planted_history

CASES = planted_cases()  # imports the guarantees' own tests, which is not to happen inside a property
BROKEN_ELSEWHERE = {"answers-match-schema"}
"""Judged with an OpenAPI document, by no function of an order."""


def told(engine: PartEngine, told_of: History, folder: Path) -> tuple[object, ...]:
    """What comes out of a history that is written and judged, as text and all that reports need."""
    found = judge_folder(open_folder(written(told_of, folder)), engine)
    numbers = {f.order for g in found.verdict.guarantees for f in g.findings}
    shown = {o.number: o.exchanges for o in found.history.orders if o.number in numbers}
    return repr(found.verdict), repr(found.landing), repr(shown), found.orders


def expected(history: History) -> tuple[object, ...]:
    verdict = judge(history)
    numbers = {f.order for g in verdict.guarantees for f in g.findings}
    shown = {o.number: o.exchanges for o in history.orders if o.number in numbers}
    return repr(verdict), repr(estimate(history)), repr(shown), len(history.orders)


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerProcesses]:
    engine = WorkerProcesses(2)
    yield engine
    engine.close()


def compared(engine: PartEngine, history: History) -> None:
    with tempfile.TemporaryDirectory() as name:
        assert told(engine, history, Path(name) / "events") == expected(history)


QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
THOROUGH = settings(QUICK, max_examples=2_000)
SEEDS = st.integers(0, 2**32)


@QUICK
@given(SEEDS, st.integers(0, 12))
def test_in_this_process(seed: int, orders: int) -> None:
    compared(InProcess(), planted_history(seed, orders))


@pytest.mark.full
@THOROUGH
@given(SEEDS, st.integers(0, 30))
def test_in_this_process_thousands(seed: int, orders: int) -> None:
    compared(InProcess(), planted_history(seed, orders))


@settings(QUICK, max_examples=12)
@given(SEEDS)
def test_over_worker_processes(workers: WorkerProcesses, seed: int) -> None:
    compared(workers, planted_history(seed, 30))


@pytest.mark.full
@settings(QUICK, max_examples=300)
@given(SEEDS, st.integers(0, 60))
def test_over_worker_processes_thousands(workers: WorkerProcesses, seed: int, orders: int) -> None:
    compared(workers, planted_history(seed, orders))


def test_every_guarantee_is_broken_by_some_planted_history() -> None:
    """Histories in which nothing is found would agree in any case."""
    broken: set[str] = set()
    for i, (guarantee, case) in enumerate(CASES):
        if case.expected in ("VIOLATED", "UNSAFE") and guarantee not in broken:
            history = planted_history(i, 0, case, rare=0)
            broken |= {g.guarantee for g in judge(history).guarantees if g.findings}
            compared(InProcess(), history)
    statements = {g.id for g in GUARANTEES if g.needs_statement}
    for seed in range(200):
        if statements <= broken:
            break
        history = planted_history(seed, 4)
        found = {g.guarantee for g in judge(history).guarantees if g.findings}
        if found & statements - broken:
            broken |= found
            compared(InProcess(), history)
    assert set(GUARANTEES.names()) - broken - BROKEN_ELSEWHERE == set()


@pytest.mark.full
@pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed: pip install 'ackord[spark]'")
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java, which is not installed")
def test_on_spark() -> None:
    from ackord.scale.spark import SparkParts

    engine = SparkParts("local[2]")
    try:
        violated = [case for _, case in CASES if case.expected in ("VIOLATED", "UNSAFE")]
        for seed, case in enumerate(violated[:: max(1, len(violated) // 40)]):
            compared(engine, planted_history(seed, 100, case))
    finally:
        engine.close()


@given(SEEDS, st.integers(1, 12))
@settings(QUICK, max_examples=10)
def test_rows_that_are_not_spread_by_order(seed: int, orders: int) -> None:
    history = planted_history(seed, orders)
    with tempfile.TemporaryDirectory() as name:
        folder = open_folder(written(history, Path(name) / "events", cut=False))
        assert folder.cut_by == 0
        with cut_by_order(folder) as cut:
            assert repr(judge_folder(cut, InProcess()).verdict) == repr(judge(history))


def test_many_files(tmp_path: Path) -> None:
    history = planted_history(5, 60)
    folder = open_folder(written(history, tmp_path / "events", buckets=16))
    assert folder.cut_by == 16
    assert repr(judge_folder(folder, InProcess()).verdict) == repr(judge(history))


def test_an_order_in_the_wrong_file(tmp_path: Path) -> None:
    history = planted_history(5, 60)
    path = written(history, tmp_path / "events", buckets=2)
    one, other = path / "orders-0000.parquet", path / "orders-0001.parquet"
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)
    with pytest.raises(FileError, match=r"orders-000[01]\.parquet: has rows of order .*, which belong into another"):
        judge_folder(open_folder(path), InProcess())


def test_an_error_in_a_worker_names_the_file(workers: WorkerProcesses, tmp_path: Path) -> None:
    history = planted_history(6, 5)
    table = table_of([(i, getattr(e, "order", ""), e) for i, e in enumerate(history.events)])
    path = tmp_path / "events"
    write_tables(path, [table], history.header, complete=True, buckets=1)  # completes have lost their orders
    with pytest.raises(FileError, match=r"run\.parquet: event \d+: operation \d+ is complete, and no row"):
        judge_folder(open_folder(path), workers)


def test_a_worker_does_not_outlive_its_parent(tmp_path: Path) -> None:
    """A parent that is killed cannot end its workers."""
    program = (
        "import os, signal, sys\n"
        "from ackord.scale.engines import WorkerProcesses\n"
        "if __name__ == '__main__':\n"
        "    engine = WorkerProcesses(1)\n"
        "    print(engine._pool.submit(os.getpid).result(), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    file = tmp_path / "parent.py"
    file.write_text(program)
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, timeout=120)
    worker = int(done.stdout)
    until(lambda: not _runs(worker), "the worker has ended")


def test_a_worker_that_is_killed_is_an_error(tmp_path: Path) -> None:
    engine = WorkerProcesses(1)
    os.kill(engine._pool.submit(os.getpid).result(), signal.SIGKILL)
    with pytest.raises(EnvironmentFailed, match="a worker process ended before its part was judged"):
        judge_folder(open_folder(written(planted_history(1, 1), tmp_path / "events")), engine)
    engine.close()


def _runs(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
