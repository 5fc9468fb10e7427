"""What an extra brings is imported when it is needed, and its absence is one clear error."""

from __future__ import annotations

import json
import sys

import pytest

from ackord.contract.base.extras import library
from ackord.errors import UsageError


def test_a_library_is_imported() -> None:
    assert library("json") is json


def test_a_missing_one_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'ackord\[statements\]'"):
        library("pyarrow")
