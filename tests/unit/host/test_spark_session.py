"""What keeps a session of Spark from being opened is told with a way out."""

from __future__ import annotations

import pytest

from ackord.errors import UsageError
from ackord.host import spark_session as module


def test_names_of_masters() -> None:
    told = {
        name: module.is_spark_master(name) for name in ("spark://h:7077", "local[2]", "local", "yarn", "duckdb", "")
    }
    assert told == {"spark://h:7077": True, "local[2]": True, "local": True, "yarn": True, "duckdb": False, "": False}


def test_without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"--engine local\[2\] needs the Python package pyspark.*\n  mend: "):
        module.spark_session("local[2]", "test")
