from __future__ import annotations

from ackord.report.fingerprint import fingerprint


def test_equal_parts_have_equal_fingerprints_and_others_have_others() -> None:
    assert fingerprint("a", "b") == fingerprint("a", "b")
    assert len({fingerprint("a", "b"), fingerprint("b", "a"), fingerprint("ab"), fingerprint("a", "", "b")}) == 4
    assert len(fingerprint("\ud800")) == 64
