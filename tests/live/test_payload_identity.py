"""Keys, triggers and clocks over HTTP and PostgreSQL: a provider that keeps unusual promises about them, and its flaws.

What the reference itself promises, and the flaws of that, are played by the tests of flaws.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.contract.loading.loader import shipped
from ackord.core.verdict import Result
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

from ..tiers import suite_seed

CHANGES = (
    ("provider: ackord-reference", "provider: lenient"),
    ("key_retention: null", "key_retention: 24h"),
    ("missing: reject", "missing: accept"),
    ("empty: reject", "empty: accept"),
    ("answer: reject}", "answer: accept}"),
    ("case_sensitive: true", "case_sensitive: false"),
)
"""A number means nothing after a day; keys may be missing, empty and long; case means nothing."""


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("lenient")
    text = (shipped("contracts") / "reference.yaml").read_text()
    for old, new in CHANGES:
        assert old in text
        text = text.replace(old, new, 1)
    contract = folder / "lenient.yaml"
    contract.write_text(text)
    yield from opened(str(contract), folder / "out")


def opened(contract: str, out: Path) -> Iterator[Session]:
    options = RunOptions(contract, target="emulator", profiles=["none"], seed=suite_seed(), out=out)
    with Session(make_plan(options)) as session:
        yield session


@pytest.mark.parametrize(
    ("profile", "tried"),
    [
        ("payload-identity", ("key-form-respected", "resubmission-same-order", "conflicting-resubmission-refused")),
        ("sandbox-triggers", ("trigger-leads-as-declared", "refused-order-not-paid", "errors-not-replayed")),
        ("sandbox-clock", ("resubmission-moves-money-once", "resubmission-same-order")),
    ],
)
def test_who_keeps_unusual_promises_holds(lenient: Session, profile: str, tried: tuple[str, ...]) -> None:
    lenient.reset_as("")
    result = lenient.run(load_profile(profile))
    assert result.verdict.result is Result.HELD, [g for g in result.verdict.guarantees if g.findings]
    assert {result.verdict.of(guarantee).result for guarantee in tried} == {Result.HELD}
    if profile == "sandbox-clock":
        assert any("numbers were new orders" in note for note in result.verdict.notes), result.verdict.notes


@pytest.mark.parametrize(
    ("flaw", "profile", "guarantee"),
    [
        ("bytes-compared", "payload-identity", "resubmission-same-order"),
        ("keys-expire-early", "sandbox-clock", "resubmission-moves-money-once"),
    ],
)
def test_who_breaks_them_is_found(lenient: Session, flaw: str, profile: str, guarantee: str) -> None:
    lenient.reset_as(flaw)
    assert lenient.run(load_profile(profile)).verdict.of(guarantee).result is Result.VIOLATED


def test_documented_amounts_lead_where_they_should(tmp_path: Path) -> None:
    """Dwolla's sandbox has amounts that make a transfer fail, or stay where it is."""
    for session in opened("dwolla", tmp_path):
        verdict = session.run(load_profile("sandbox-triggers")).verdict
        assert verdict.result is Result.HELD
        assert verdict.of("trigger-leads-as-declared").exposures >= 20
