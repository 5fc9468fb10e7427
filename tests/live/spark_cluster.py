"""A cluster of Spark on the loopback: a master and workers, each a Java process of its own with a folder of its own.

The workers are started as on other machines: with no variable of the test's environment but where Java is.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from ..waiting import until

__all__ = ["SparkCluster", "spark_cluster"]

_MASTER, _WORKER = "org.apache.spark.deploy.master.Master", "org.apache.spark.deploy.worker.Worker"
_LOOPBACK = "127.0.0.1"
_STARTS_WITHIN_S = 120.0


class SparkCluster:
    """Java processes that this object has started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._home = Path(str(import_module("pyspark").__file__)).parent
        self._processes: list[subprocess.Popen[bytes]] = []
        self.master = self._started("master", _MASTER, r"Starting Spark master at (spark://\S+)")[1]

    def add_worker(self) -> int:
        """Start a worker of one core and 1 GiB that is registered at the master; return its process number."""
        name = f"worker{len(self._processes)}"
        work = self.folder / name / "work"
        words = ("--cores", "1", "--memory", "1g", "--work-dir", str(work), self.master)
        return self._started(name, _WORKER, r"Successfully registered with (master \S+)", *words)[0]

    def _started(self, name: str, program: str, says: str, *words: str) -> tuple[int, str]:
        folder = self.folder / name
        (folder / "tmp").mkdir(parents=True)
        log = folder / "log"
        kept = {variable: os.environ[variable] for variable in ("PATH", "JAVA_HOME") if variable in os.environ}
        with log.open("wb") as file:
            process = subprocess.Popen(
                [self._home / "bin" / "spark-class", program, "--host", _LOOPBACK, "--port", "0", "--webui-port", "0", *words],
                env={**kept, "SPARK_HOME": str(self._home), "SPARK_LOCAL_IP": _LOOPBACK, "TMPDIR": str(folder / "tmp"), "SPARK_NO_DAEMONIZE": "1"},
                cwd=folder, stdout=file, stderr=file, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self._processes.append(process)
        found: list[str] = []

        def told() -> bool:
            assert process.poll() is None, log.read_text()
            found[:] = re.findall(says, log.read_text(errors="replace"))
            return bool(found)

        until(told, f"the {name} of Spark has started", _STARTS_WITHIN_S)
        return process.pid, found[0]

    def end(self) -> None:
        """End the workers, and then the master."""
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def spark_cluster(folder: Path, workers: int) -> Iterator[SparkCluster]:
    """Start a cluster, and end it."""
    ending: list[Callable[[], None]] = []
    try:
        cluster = SparkCluster(folder)
        ending.append(cluster.end)
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        for end in ending:
            end()
