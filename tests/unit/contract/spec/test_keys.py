"""What a contract says about keys, and what it may not say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ackord.contract.spec.keys import KeysSpec
from ackord.core.key_promises import NO_KEY_PROMISES, EquivalentBytes, KeyAnswer, KeyPromises


def test_nothing_said_is_nothing_promised() -> None:
    assert KeysSpec().to_core() == NO_KEY_PROMISES


def test_everything_said_is_promised() -> None:
    data = {
        "equivalent_bytes": "replay",
        "equivalent_in": ["escapes"],
        "missing": "reject",
        "empty": "accept",
        "overlong": {"over": 40, "answer": "reject"},
        "case_sensitive": False,
    }
    made = KeysSpec.model_validate(data).to_core()
    assert made == KeyPromises(
        EquivalentBytes.REPLAY, ("escapes",), KeyAnswer.REJECT, KeyAnswer.ACCEPT, 40, KeyAnswer.REJECT, False
    )  # fmt: skip


@pytest.mark.parametrize("data", [{"missing": "maybe"}, {"overlong": {"over": 0, "answer": "reject"}}, {"case": True}])
def test_nonsense_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        KeysSpec.model_validate(data)
