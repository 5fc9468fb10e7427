"""The texts of the flaws behind the acknowledgement."""

from __future__ import annotations

import pytest

from ackord.providers.flaw_texts import CALLBACK_FLAWS, MONEY_FLAWS, SETTLEMENT_FLAWS, FlawText
from ackord.providers.flaws import FLAWS


@pytest.mark.parametrize("text", [*SETTLEMENT_FLAWS, *MONEY_FLAWS, *CALLBACK_FLAWS], ids=lambda text: text[0])
def test_each_text_is_a_flaw(text: FlawText) -> None:
    flaw = FLAWS.get(text[0])
    assert (flaw.name, flaw.caught_by, flaw.profile, flaw.title, flaw.story) == text
    assert not flaw.correct
