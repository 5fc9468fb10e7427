"""contracts/AGENTIC.md: the clauses of the agentic payment protocols name guarantees and contracts that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ackord.contract.loading.loader import contract_names
from ackord.guarantees import GUARANTEES
from ackord.guarantees.merchant import MERCHANT_GUARANTEES

TABLE = Path(__file__).parents[4] / "contracts" / "AGENTIC.md"
AGENTIC = {"x402-facilitator", "acp-checkout", "ucp-checkout"}


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_protocol_has_its_clauses(rows: list[list[str]]) -> None:
    assert {row[0].strip("`") for row in rows} == AGENTIC
    assert set(contract_names("contracts")) >= AGENTIC
    assert all(len(row) == 4 for row in rows)
    assert len({tuple(row[:2]) for row in rows}) == len(rows)


def test_every_clause_is_judged_by_a_guarantee_or_says_why_not(rows: list[list[str]]) -> None:
    known = {one.id for registry in (GUARANTEES, MERCHANT_GUARANTEES) for one in registry}
    for _, clause, _, judged in rows:
        if judged.startswith("not judged, because "):
            continue
        named = re.findall(r"`([a-z-]+)`", judged)
        assert named and set(named) <= known, clause
        assert judged == ", ".join(f"`{name}`" for name in named), clause
