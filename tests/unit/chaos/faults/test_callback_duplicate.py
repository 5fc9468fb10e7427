"""A callback that comes more than once."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ackord.chaos.faults.callbacks import CopyCallback
from ackord.core.clock import MS

from .callback_cases import ordered


def test_copies_and_the_time_between_them() -> None:
    assert ordered("callback-duplicate", copies=2, delay_ms=5) == CopyCallback(2, 5 * MS)


def test_no_copy_is_no_fault() -> None:
    with pytest.raises(ValidationError):
        ordered("callback-duplicate", copies=0)
