"""Arrow is named with its extra where it is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ackord.errors import UsageError
from ackord.scale.arrow import array_of, arrow, numpy

from ..guarantees.build import history, order
from .folders import written


def test_without_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    arrow.cache_clear()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"events in Parquet need the Python package pyarrow.*\n.*ackord\[scale\]"):
        arrow()


def test_with_it() -> None:
    assert arrow().table({"a": [1]}).num_rows == 1 and numpy().zeros(2).sum() == 0


def test_columns_are_arrays() -> None:
    pa = arrow()
    some = pa.array([None, 1, None, 3]).slice(1)
    empty = pa.array([], pa.int64())
    for column in (some, pa.chunked_array([some, some]), empty, pa.chunked_array([], pa.int64()), pa.array([5, 6])):
        assert array_of(column, -1).tolist() == [-1 if x is None else x for x in column.to_pylist()]
    assert array_of(pa.array([True, False, True])).tolist() == [True, False, True]


JUDGE = """
import sys
from pathlib import Path
from ackord.scale.engines import InProcess
from ackord.scale.event_folder import open_folder
from ackord.scale.judging import judge_folder
found = judge_folder(open_folder(Path(sys.argv[1])), InProcess())
print(found.orders, *(order.number for order in found.history.orders))
"""


def test_judging_does_not_wait_for_pandas(tmp_path: Path) -> None:
    """Arrow imports it for many things wherever it is installed, and Spark needs it."""
    (tmp_path / "pandas.py").write_text("raise SystemExit('pandas was imported')\n")
    events = written(
        history(order("A").submit(0, 5).query(6, 7, "NOT_FOUND"), order("B").submit(0, 5), healed=9),
        tmp_path / "events",
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-c", JUDGE, str(events)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("2 A\n", "")
