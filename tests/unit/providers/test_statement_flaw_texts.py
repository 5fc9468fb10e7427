"""The texts of the flaws of statements: each is a flaw of the reference, and those that need no node are simulated, too."""

from __future__ import annotations

import pytest

from ackord.chaos.profile import read_profile
from ackord.providers.flaw_texts import FlawText
from ackord.providers.flaws import FLAWS
from ackord.providers.statement_flaw_texts import STATEMENT_FLAWS, STATEMENT_FLAWS_OF_NODES
from ackord.providers.variants import VARIANTS
from ackord.simulation.simulated_provider import SIMULATED_FLAWS


@pytest.mark.parametrize("text", [*STATEMENT_FLAWS, *STATEMENT_FLAWS_OF_NODES], ids=lambda text: text[0])
def test_each_text_is_a_flaw(text: FlawText) -> None:
    flaw = FLAWS.get(text[0])
    assert (flaw.name, flaw.caught_by, flaw.profile, flaw.title, flaw.story) == text
    assert flaw.name in VARIANTS.names()
    assert (flaw.name in SIMULATED_FLAWS) is (text in STATEMENT_FLAWS)
    assert flaw.caught_by in read_profile(flaw.profile).profile.exposes
