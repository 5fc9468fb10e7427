"""Answers that are far too large."""

from __future__ import annotations

import gzip

import pytest

from ackord.chaos.faults.edge_actions import PadAnswer

from .edge_cases import on_answer


def test_the_answer_is_followed_by_spaces() -> None:
    assert on_answer("oversized-answer", b"{}", mib=2) == PadAnswer(2 << 20, detail={"more_bytes": 2 << 20})


@pytest.mark.parametrize("body", [b"", gzip.compress(b"{}", mtime=0)])
def test_what_spaces_would_spoil_passes(body: bytes) -> None:
    assert on_answer("oversized-answer", body) is None
