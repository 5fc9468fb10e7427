from __future__ import annotations

from typing import Any

import pytest

from ackord.report.fault_context import fault_detail


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"ms": 200.0, "jitter_ms": 0.0, "share": 1.0}, "200 ms"),
        ({"share": 0.05, "mode": "reset"}, "on 5 % of what it can hit, mode reset"),
        (
            {"schedule": {"after_ms": 500.0, "for_ms": 250.0, "every_ms": 900.0}},
            "after 500 ms, for 250 ms, every 900 ms",
        ),
        ({}, ""),
    ],
)
def test_what_a_fault_is_reads_as_words(detail: dict[str, Any], said: str) -> None:
    assert fault_detail(detail) == said
