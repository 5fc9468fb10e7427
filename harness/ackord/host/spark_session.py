"""Opens a session of Spark through the package pyspark, with a clear error where one is not to be had."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from ..errors import EnvironmentFailed, UsageError

__all__ = ["is_spark_master", "spark_session"]

_MASTERS = ("spark://", "local[", "yarn", "k8s://")


def is_spark_master(name: str) -> bool:
    """Return whether a name of an engine is a master of Spark."""
    return name.startswith(_MASTERS) or name == "local"


def spark_session(master: str, app: str, settings: Mapping[str, str] = MappingProxyType({})) -> Any:
    """Open a session. Its workers are this Python, unless ``PYSPARK_PYTHON`` names another.

    Raises ``UsageError`` without pyspark, ``EnvironmentFailed`` where Spark cannot be reached.
    """
    if find_spec("pyspark") is None:
        raise UsageError(
            f"--engine {master} needs the Python package pyspark, which is not installed.\n"
            "  mend: pip install pyspark, of the cluster's version, and Java; or leave --engine out"
        )
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        builder = import_module("pyspark.sql").SparkSession.builder.master(master).appName(app)
        for name, value in settings.items():
            builder = builder.config(name, value)
        return builder.getOrCreate()
    except Exception as error:  # whatever Java and the network raise
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        raise EnvironmentFailed(f"--engine {master}: Spark cannot be reached: {said}") from error
