"""The words of ``ackord keys``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Run = Callable[..., tuple[int, str, str]]


def test_a_key_is_made_once(run: Run) -> None:
    code, out, _ = run("keys", "new", "--out", "deep/vendor.pem")
    assert code == 0
    assert "deep/vendor.pem" in out
    assert "deep/vendor.pub.pem" in out
    assert Path("deep/vendor.pem").stat().st_mode & 0o777 == 0o600
    code, _, err = run("keys", "new", "--out", "deep/vendor.pem")
    assert code == 2
    assert "exists already" in err
