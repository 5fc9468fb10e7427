"""The shelf of variants is complete: every one is documented, has code, and names a guarantee and a
profile that exist.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.guarantees import GUARANTEES
from ackord.providers.flaws import FLAWS, Flaw, correct_variants, flawed_variants
from ackord.providers.service.payment_service import PaymentService
from ackord.providers.variants import VARIANTS, variant_named

PROFILES = {path.stem for path in (Path(__file__).parents[3] / "chaos_profiles").glob("*.yaml")}


def test_words_and_code_name_the_same_variants() -> None:
    assert set(FLAWS.names()) == set(VARIANTS.names())


def test_there_are_enough_of_both() -> None:
    assert len(flawed_variants()) >= 20
    assert len(correct_variants()) >= 4
    assert len(flawed_variants()) + len(correct_variants()) == len(FLAWS)


@pytest.mark.parametrize("flaw", flawed_variants(), ids=lambda flaw: flaw.name)
def test_a_flaw_names_the_guarantee_that_catches_it_and_a_profile_that_exists(flaw: Flaw) -> None:
    assert flaw.caught_by in GUARANTEES
    assert flaw.profile in PROFILES


@pytest.mark.parametrize("flaw", correct_variants(), ids=lambda flaw: flaw.name)
def test_a_correct_variant_is_caught_by_nothing(flaw: Flaw) -> None:
    assert (flaw.caught_by, flaw.profile) == ("", "")


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.name)
def test_every_variant_is_told_in_whole_sentences(flaw: Flaw) -> None:
    assert flaw.title
    assert not flaw.title.endswith(".")
    assert flaw.story.endswith(".")
    assert len(flaw.story) > 80


def test_a_flaw_differs_from_the_correct_provider_in_code() -> None:
    for flaw in flawed_variants():
        variant = variant_named(flaw.name)
        changed = {name for base in variant.__mro__[:-2] if base is not PaymentService for name in vars(base)}
        seams = {*vars(PaymentService), "signed_callback"}
        assert changed & seams, f"{flaw.name} overrides nothing of the service"


def test_no_name_is_the_correct_default() -> None:
    assert variant_named(None) is variant_named("primary-reads")
