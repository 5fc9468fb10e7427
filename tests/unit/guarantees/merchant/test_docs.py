"""The catalogue of a merchant's guarantees."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.guarantees.merchant import MERCHANT_GUARANTEES
from ackord.guarantees.merchant.docs import main, merchant_catalogue

ROOT = Path(__file__).parents[4]


@pytest.mark.skipif(not (ROOT / "harness").is_dir(), reason="the documents are in a checkout only")
def test_it_is_current_and_the_guide_names_every_guarantee(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["docs", "--check"])
    assert main() == 0, "run python -m ackord.guarantees.merchant.docs"
    guide = (ROOT / "docs" / "DRILL.md").read_text()
    for guarantee in MERCHANT_GUARANTEES:
        assert f"`{guarantee.id}`" in guide and f"## {guarantee.id}\n" in merchant_catalogue()
