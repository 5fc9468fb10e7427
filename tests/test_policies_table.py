"""Holds the table of policies: docs/EVIDENCE.md says what a simulation gives today."""

from __future__ import annotations

import pytest

from ackord.merchant.presets import PRESETS

from .policies_table import BEGIN, END, EVIDENCE, cell_text, plan

pytestmark = pytest.mark.skipif(not EVIDENCE.is_file(), reason="the docs are in a checkout only")


def rows() -> list[list[str]]:
    block = EVIDENCE.read_text().partition(BEGIN)[2].partition(END)[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines() if line.startswith("|")
    ]


def test_the_table_has_every_profile_that_can_be_simulated_and_every_policy() -> None:
    first = [row[0] for row in rows()]
    made = plan()
    assert [name for name in first if name in {p.name for p in made.profiles}] == [p.name for p in made.profiles]
    assert [name for name in first if name in PRESETS] == PRESETS.names()


@pytest.mark.parametrize(("policy", "profile"), [("naive", "lost-answers"), ("naive", "replica-lag")])
def test_a_cell_is_what_a_simulation_gives(policy: str, profile: str) -> None:
    header, *body = rows()
    (row,) = [row for row in body if row[0] == profile]
    grid = plan((policy,), (profile,)).play()
    assert row[header.index(policy)] == cell_text(grid.cells[policy, profile])


def test_the_incident_s_merchant_pays_twice_and_the_commanding_one_never() -> None:
    header, *body = rows()
    by_policy = {row[0]: row for row in body if row[0] in PRESETS}
    assert "1,000,000" in by_policy["naive"][1]
    for safe in ("command-instead-of-query", "recommended", "poller"):
        assert by_policy[safe][1].startswith("0 (at most"), safe
    assert "naive" in header
