"""Spark that is not there is a clear error; what a session does is in the tests of those who open one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ackord.errors import EnvironmentFailed, UsageError
from ackord.host import spark_session
from ackord.host.spark_session import is_spark_master, missing_for_spark, spark_failure


def test_masters() -> None:
    assert all(map(is_spark_master, ("local", "local[2]", "local[*]", "spark://host:7077", "yarn", "k8s://https://x")))
    assert not any(map(is_spark_master, ("duckdb", "locale", "ray")))


def test_without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda name: None)
    with pytest.raises(
        UsageError, match=r"--engine local\[2\] needs the Python package pyspark(.|\n)*pip install pyspark"
    ):
        spark_session.spark_session("local[2]", "test")


def test_without_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spark_session, "find_spec", lambda name: object())
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("java") is None
    with pytest.raises(UsageError, match=r"needs Java, and there is no `java` on the PATH(.|\n)*install Java 17"):
        spark_session.spark_session("local[2]", "test")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert "has no bin/java" in missing_for_spark()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    assert missing_for_spark() == ""


def test_a_failure_is_told_in_one_line() -> None:
    error = spark_failure("spark://x:1", RuntimeError("refused\n  at java.net..."))
    assert isinstance(error, EnvironmentFailed) and str(error) == "--engine spark://x:1: Spark failed: refused"


WORKER = """An exception was thrown from the Python worker:
Traceback (most recent call last):
  File "pyspark/worker_util.py", line 75, in read_command
    command = serializer.loads(file)
              ^^^^^^^^^^^^^^^^^^^^^^
{}
\tat org.apache.spark.api.python.BasePythonRunner
"""


@pytest.mark.parametrize(
    ("raised", "mend"),
    [
        ("ModuleNotFoundError: No module named 'ackord'", True),
        ("pyspark.errors.PySparkRuntimeError: [PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.9", True),
        ("OSError: [Errno 28] No space left on device", False),
    ],
)  # fmt: skip
def test_of_a_worker_s_exception_its_last_line_is_told(raised: str, mend: bool) -> None:
    said = str(spark_failure("spark://x:1", RuntimeError(WORKER.format(raised))))
    assert said.startswith(f"--engine spark://x:1: Spark failed: on a worker: {raised}")
    assert ("PYSPARK_PYTHON" in said) is mend
