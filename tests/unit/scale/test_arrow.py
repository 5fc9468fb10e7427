"""Arrow is named with its extra where it is not installed."""

from __future__ import annotations

import sys

import pytest

from ackord.errors import UsageError
from ackord.scale.arrow import arrow, numpy


def test_without_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    arrow.cache_clear()
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"events in Parquet need the Python package pyarrow.*\n.*ackord\[scale\]"):
        arrow()


def test_with_it() -> None:
    assert arrow().table({"a": [1]}).num_rows == 1 and numpy().zeros(2).sum() == 0
