"""The page for people says what the statement says, and no name can become markup."""

from __future__ import annotations

from pathlib import Path

from ackord.certificate.bundle import PAGE
from ackord.certificate.page import certificate_page

from .forger import statement_of


def test_the_page_tells_all(bundle: Path) -> None:
    text = (bundle / PAGE).read_text()
    for said in (
        "# S0: Payouts", "| vendor | Example Pay |", "| issued | 2026-01-02T03:30:00Z |", "| challenge | none",
        "| `acknowledged-order-visible` | MUST | HELD |", "The contract promises 1000 ms.", "| none | 6 |",
        "- `terminal-status-final` is INCONCLUSIVE", "## What it does not prove", "came from that provider",
    ):  # fmt: skip
        assert said in text, said


def test_names_are_no_markup(bundle: Path) -> None:
    statement = statement_of(bundle)
    statement["predicate"]["subject"]["product"] = "Pay | <b>outs</b> [x](y)\n# A2"
    text = certificate_page(statement).decode()
    assert "# S0: Pay \\| \\<b\\>outs\\</b\\> \\[x\\](y) \\# A2" in text
    assert "\n# A2" not in text


def test_answers_that_were_not_read_again_are_told(bundle: Path) -> None:
    statement = statement_of(bundle)
    statement["predicate"]["unread_answers"] = {"they are too long": 3}
    assert "- 3 raw answers could not be read again: they are too long." in certificate_page(statement).decode()
