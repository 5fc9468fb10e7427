"""Opens a session of Spark through the package pyspark, with a clear error where one is not to be had."""

from __future__ import annotations

import os
import re
import shutil
import sys
import warnings
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import EnvironmentFailed, UsageError

__all__ = ["is_spark_master", "missing_for_spark", "spark_failure", "spark_session"]

_MASTERS = ("spark://", "local[", "yarn", "k8s://")
_SETTINGS = {
    "spark.log.level": "ERROR",
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, never a wrong number
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_LOOPBACK = "127.0.0.1"
_RAISED = re.compile(r"^Traceback \(most recent call last\):\n(?:[ \t].*\n)+(\S.*)$", re.MULTILINE)
_WORKER_LACKS = (
    "\n  mend: give each worker a Python of this version with this Ackord and what it needs, under one path, and let"
    " PYSPARK_PYTHON name it; or leave --engine out"
)


def is_spark_master(name: str) -> bool:
    """Return whether a name of an engine is a master of Spark."""
    return name.startswith(_MASTERS) or name == "local"


def missing_for_spark() -> str:
    """Return what this machine lacks to run Spark, and how to mend it; empty: nothing."""
    if find_spec("pyspark") is None:
        return (
            "the Python package pyspark, which is not installed.\n"
            "  mend: pip install pyspark, of the cluster's version, and Java; or leave --engine out"
        )
    home = os.environ.get("JAVA_HOME")
    if home and not (Path(home) / "bin" / "java").is_file():
        return f"Java, and JAVA_HOME={home} has no bin/java.\n  mend: let JAVA_HOME name Java 17 or later"
    if not home and shutil.which("java") is None:
        return (
            "Java, and there is no `java` on the PATH.\n"
            "  mend: install Java 17 or later, or set JAVA_HOME; or leave --engine out"
        )
    return ""


def spark_session(master: str, app: str, settings: Mapping[str, str] = MappingProxyType({})) -> Any:
    """Open a session. Its workers are this Python, unless ``PYSPARK_PYTHON`` names another.

    ``local`` masters listen on the loopback only. Raises ``UsageError`` without pyspark or Java, ``EnvironmentFailed``
    where Spark cannot be reached.
    """
    if missing := missing_for_spark():
        raise UsageError(f"--engine {master} needs {missing}")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    local = {}
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", _LOOPBACK)
        local = {"spark.driver.host": _LOOPBACK, "spark.driver.bindAddress": _LOOPBACK}
    try:
        with warnings.catch_warnings():  # what pyspark says of other libraries' versions is nothing to act on
            warnings.simplefilter("ignore")
            builder = import_module("pyspark.sql").SparkSession.builder.master(master).appName(app)
            for name, value in {**_SETTINGS, **local, **settings}.items():
                builder = builder.config(name, value)
            return builder.getOrCreate()
    except Exception as error:  # whatever Java and the network raise
        raise spark_failure(master, error, "cannot be reached") from error


def spark_failure(master: str, error: Exception, what: str = "failed") -> EnvironmentFailed:
    """Return the error for whatever Java and the network raised; of an exception in a worker its last line."""
    first, _, rest = str(error).strip().partition("\n")
    raised = _RAISED.search(rest)
    said = f"on a worker: {raised[1].strip()}" if raised else first or type(error).__name__
    mend = _WORKER_LACKS if "ModuleNotFoundError" in said or "PYTHON_VERSION_MISMATCH" in said else ""
    return EnvironmentFailed(f"--engine {master}: Spark {what}: {said}{mend}")
