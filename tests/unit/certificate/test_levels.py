"""The levels name what exists, contain one another, and change only with their version."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from ackord.certificate.levels import CATALOGUE_VERSION, LEVELS, check_levels, levels_digest, strength_of
from ackord.errors import UnknownNameError
from ackord.guarantees import GUARANTEES

from .build import SMALL, small_level

DIGESTS = {
    1: "c3baf310d17f8898395608e083f21e05c682a168320ee3a6ccfa9c1f82a5ccce",
    2: "e72a2403621778a0d6b04c50d9306623aff319a421bc40d3828e3516aa54ce29",
    3: "778b1caeb6c5e1f1451f14110a39bacac775b9d01527cbbe6c5bc0a81842e14d",
    4: "9c5d6c6d268f7964cd2750ef2e0156e76eebd528cc60e211e021fb9c5563bc76",
    5: "0a580a85ad1f523df2ce1dfc54942c1c88a680446a2b34c73aced5b010654a16",
    6: "1166ef84d6cd080409406e0a3193b3c3f0754cbf2381c1cd4047f0cd7971fe4f",
}
"""Of each version of the catalogue: a clause or a level that changes needs a new version."""


def test_all_that_the_levels_name_exists() -> None:
    check_levels()


@pytest.mark.parametrize(
    "broken",
    [
        {"must": ("nothing",)},
        {"where_exposed": ("nothing",)},
        {"profiles": ("nothing",)},
        {"where_possible": ("stale-reads",)},
    ],
)
def test_a_level_that_names_what_does_not_exist_is_found(broken: dict[str, tuple[str, ...]]) -> None:
    with small_level(replace(SMALL, **broken)), pytest.raises((LookupError, UnknownNameError)):
        check_levels()


def test_a_level_contains_the_one_below() -> None:
    levels = list(LEVELS)
    assert [level.name for level in levels] == ["A0", "A1", "A2", "A3"]
    for below, above in pairwise(levels):
        assert set(below.must) <= set(above.must)
        assert set(below.profiles) <= set(above.profiles)
        assert set(below.where_exposed) <= set(above.where_exposed)
        assert set(below.where_possible) <= set(above.where_possible)


def test_what_is_normative_changes_with_its_version_only() -> None:
    assert levels_digest() == DIGESTS[CATALOGUE_VERSION], "count CATALOGUE_VERSION up, and add its digest here"


def test_a_guarantee_has_its_strength() -> None:
    assert strength_of("lost-ack-recoverable") == "MUST from A0"
    assert strength_of("acknowledged-order-visible") == "MUST from A1 (may be UNSAFE in A1)"
    assert strength_of("errors-not-replayed") == "MUST from A2, where it is exposed"
    assert strength_of("statement-complete") == "MUST from A3"
    assert strength_of("statement-totals-match") == "MUST from A3, where it is exposed"
    assert strength_of("answers-match-schema") == "SHOULD"


def test_every_guarantee_of_ours_says_what_exposes_it() -> None:
    assert [g.id for g in GUARANTEES if g.judge.__module__.startswith("ackord.") and not g.exposure] == []
