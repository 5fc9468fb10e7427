"""Runs ``ackord`` for a grid of commands as tasks of Spark: one command a task, whose evidence comes back as a file.

A worker needs this Ackord, and the contract's file where a contract is one; PostgreSQL, gateway and provider of a run
are all on the machine of its task.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import UsageError, unwritable
from ..host.run_dir import RunDir
from ..host.spark_session import is_spark_master, spark_failure, spark_session
from .command_grid import INTERRUPTED, exit_code_of

__all__ = ["SparkCommands"]

_EVIDENCE = "evidence"


class _Task(NamedTuple):
    """What a worker is to run, and what it has come to."""

    arguments: tuple[str, ...]
    exit_code: int = 0
    said: str = ""
    packed: bytes = b""
    """The folder of the run, as a zip; empty if there is none."""


class SparkCommands:
    """Commands on the workers of one session."""

    def __init__(self, master: str) -> None:
        """Raises ``UsageError`` without pyspark or for what is no master, ``EnvironmentFailed`` without Spark."""
        if not is_spark_master(master):
            raise UsageError(
                f"--engine {master}: expected a master of Spark such as spark://host:7077 or local[2]; without "
                "--engine the runs are processes of this machine"
            )
        self._master = master
        self._session = spark_session(master, "ackord campaign")
        self._ended = threading.Event()

    def run(self, arguments: Sequence[str], folder: Path) -> tuple[int, str]:
        """Run ``ackord`` on a worker, and bring its ``--out`` to ``folder``; return its exit code and what it said.

        Raises ``EnvironmentFailed`` where Spark fails, ``FileError`` where the folder cannot be written.
        """
        if self._ended.is_set():
            return INTERRUPTED, ""
        try:
            tasks = self._session.sparkContext.parallelize([_Task(tuple(arguments))], 1)
            (done,) = tasks.map(_run).collect()
        except Exception as error:  # whatever Java and the network raise
            if self._ended.is_set():
                return INTERRUPTED, ""
            raise spark_failure(self._master, error) from error
        if done.packed:
            _unpack(done.packed, folder)
        return done.exit_code, done.said

    def end(self) -> None:
        """End what runs: the workers' processes die, and each run with its worker. Nothing is begun any more."""
        self._ended.set()
        self._session.sparkContext.cancelAllJobs()

    def close(self) -> None:
        """End the session."""
        self._session.stop()


def _run(task: _Task) -> _Task:
    """Run one command; on a worker.

    Spark kills the worker of a task that is cancelled. The command then ends by itself and removes the folder, or the
    next run on this machine does.
    """
    with RunDir.create() as run:
        folder = run.path / _EVIDENCE
        command = [sys.executable, "-P", "-m", "ackord.cli.grid_command", str(os.getpid()), *task.arguments]
        process = subprocess.Popen(
            [*command, "--out", str(folder)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=run.path, start_new_session=True,
        )  # fmt: skip
        # In a session of its own: Spark ends its workers with SIGHUP to all of their group, which tidies nothing up.
        run.record(process.pid)
        out, err = process.communicate()
        packed = _packed(folder) if folder.is_dir() else b""
        return task._replace(exit_code=exit_code_of(process.returncode), said=(err or out).strip(), packed=packed)


def _packed(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return content.getvalue()


def _unpack(packed: bytes, folder: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(folder)
    except OSError as error:
        raise unwritable(folder, "the evidence of a run", error) from error
