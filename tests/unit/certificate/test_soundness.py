"""Only what is sound ends with exit code 0."""

from __future__ import annotations

from ackord.certificate.soundness import Soundness


def test_each_kind_has_its_exit_code() -> None:
    assert {kind.name: kind.exit_code for kind in Soundness} == {
        "ALTERED": 1, "NOT_BY_THIS_KEY": 1, "SIGNED_BUT_WRONG": 1, "REPLAYED": 1,
        "OTHER_VERSION": 3, "EXPIRED": 3, "SIGNER_UNKNOWN": 3, "SOUND": 0,
    }  # fmt: skip
