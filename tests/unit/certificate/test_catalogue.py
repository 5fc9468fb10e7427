"""The catalogue tells of every clause what a vendor has to know."""

from __future__ import annotations

import re

from ackord.certificate.catalogue import catalogue_files, guarantee_catalogue
from ackord.certificate.levels import LEVELS
from ackord.guarantees import GUARANTEES


def test_every_clause_has_all_its_parts() -> None:
    text = guarantee_catalogue()
    own = [g for g in GUARANTEES if g.judge.__module__.startswith("ackord.")]
    clauses = re.findall(r"^### ([a-z-]+)$", text, re.MULTILINE)
    assert clauses == [g.id for g in own]
    for part in ("> ", "Why: ", "Exercised: ", "Exposure: "):
        assert len(re.findall(rf"^{part}", text, re.MULTILINE)) == len(own), part


def test_every_level_is_told_with_what_it_adds() -> None:
    text = guarantee_catalogue()
    for level in LEVELS:
        assert f"### {level.name}\n\n{level.title}.\n" in text
        assert all(
            f"`{name}`" in text for name in (*level.must, *level.where_exposed, *level.should, *level.every_profile)
        )


def test_it_goes_beside_the_contracts() -> None:
    (path,) = catalogue_files()
    assert (path.parent.name, path.name) == ("contracts", "GUARANTEES.md")
