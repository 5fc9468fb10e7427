"""Stripe's own libraries against a provider that ignores idempotency keys and one that keeps them: what is paid twice.

An order's number is in its metadata, as a shop's would be; the key is the library's, or the shop's own. So a copy under
another key is another payment, and what tells is how often the money moved for a number.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ackord.core.verdict import Result
from ackord.drill.drill import Drill, drill_plan
from ackord.drill.merchant import REPORT_PATTERN
from ackord.drill.settings import DrillSettings
from ackord.run.options.run_options import RunOptions
from ackord.run.session import Session

from ..tiers import gate
from .programs import CONTRACTS, folder, localstripe, stripe_stateful_mock

EVIDENCE = Path(__file__).parents[2] / "docs" / "EVIDENCE.md"
BEGIN, END = "<!-- client-libraries -->\n", "<!-- /client-libraries -->\n"
MERCHANTS = Path(__file__).parent / "merchants"
LOST, STALE = "lost-answers", "stale-reads"
ORDERS = 16
PYTHON, NODE = "stripe 16.1.0 (PyPI)", "stripe 22.6.2 (npm)"


class Setting(NamedTuple):
    """How a shop uses its library."""

    retries: str
    key: str
    calls: int

    @property
    def words(self) -> str:
        retries = "retries by default" if self.retries == "default" else f"{self.retries} retries"
        key = "its own key" if self.key == "own" else "no key of its own"
        return f"{retries}, {key}, {'called once' if self.calls == 1 else 'called again after an error'}"


LEFT_ALONE = Setting("default", "auto", 1)
WITHOUT_RETRIES = Setting("0", "auto", 1)
TWO_RETRIES = Setting("2", "auto", 1)
CALLED_AGAIN = Setting("default", "auto", 3)
CALLED_AGAIN_WITHOUT_RETRIES = Setting("0", "auto", 3)
OWN_KEY = Setting("default", "own", 3)


class Row(NamedTuple):
    """Whether the money moves twice for some order under a profile, at a provider that ignores or keeps the key."""

    library: str
    setting: Setting
    profile: str
    ignores: bool
    keeps: bool


ROWS = [
    Row(PYTHON, LEFT_ALONE, LOST, ignores=False, keeps=False),
    Row(PYTHON, WITHOUT_RETRIES, LOST, ignores=False, keeps=False),
    Row(PYTHON, TWO_RETRIES, LOST, ignores=True, keeps=False),
    Row(PYTHON, CALLED_AGAIN, LOST, ignores=True, keeps=True),
    Row(PYTHON, OWN_KEY, LOST, ignores=True, keeps=False),
    Row(PYTHON, LEFT_ALONE, STALE, ignores=False, keeps=False),
    Row(PYTHON, CALLED_AGAIN, STALE, ignores=True, keeps=True),
    Row(PYTHON, OWN_KEY, STALE, ignores=True, keeps=False),
    Row(NODE, LEFT_ALONE, LOST, ignores=True, keeps=False),
    Row(NODE, WITHOUT_RETRIES, LOST, ignores=True, keeps=False),
    Row(NODE, TWO_RETRIES, LOST, ignores=True, keeps=False),
    Row(NODE, CALLED_AGAIN_WITHOUT_RETRIES, LOST, ignores=True, keeps=True),
    Row(NODE, OWN_KEY, LOST, ignores=True, keeps=False),
    Row(NODE, LEFT_ALONE, STALE, ignores=False, keeps=False),
    Row(NODE, CALLED_AGAIN, STALE, ignores=True, keeps=True),
    Row(NODE, OWN_KEY, STALE, ignores=True, keeps=False),
]
IN_GATE = [
    (PYTHON, CALLED_AGAIN, STALE),
    (PYTHON, OWN_KEY, STALE),
    (NODE, WITHOUT_RETRIES, LOST),
    (NODE, OWN_KEY, STALE),
]
"""Under stale reads where possible: lost answers take longer."""
_NUMBERS = gate(range(len(ROWS)), [n for n, row in enumerate(ROWS) if row[:3] in IN_GATE])


def settings(command: list[str]) -> DrillSettings:
    return DrillSettings(command=command, report_pattern=REPORT_PATTERN)


def session_at(url: str, contract: str, out: Path) -> Session:
    """A session under the provider's contract, with the number in the metadata alone."""
    text = (CONTRACTS / contract).read_text()
    changes = {
        '    headers: {Idempotency-Key: "${order_no}"}\n': "",
        "on_same_payload: replay_original": "on_same_payload: new_movement\n  settles_within: 100ms",
        "\npromises:": "\ndrill: {intent: \"$['metadata[order_no]']\"}\n\npromises:",
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (out / "contract.yaml").write_text(text)
    options = RunOptions(str(out / "contract.yaml"), target=url, profiles=[LOST, STALE], seed=1, out=out / "out")
    return Session(drill_plan(options, settings([sys.executable])))


@pytest.fixture(scope="module")
def ignoring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    out = tmp_path_factory.mktemp("ignores")
    with localstripe(out / "store.pickle") as url, session_at(url, "localstripe-payouts.yaml", out) as session:
        session.preflight()
        yield session


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    out = tmp_path_factory.mktemp("keeps")
    with pytest.MonkeyPatch.context() as patch, stripe_stateful_mock() as url:
        patch.setenv("CHARGED", "tok_visa")  # what the contract's preflight charges
        with session_at(url, "stripe-stateful-mock-charges.yaml", out) as session:
            session.preflight()
            yield session


def pays_twice(session: Session, what: str, number: int) -> bool:
    """Whether the shop paid twice; it must have had an occasion to."""
    row = ROWS[number]
    assert (folder() / "node_modules" / "stripe").is_dir(), "the libraries are not here: run .ci/peers.sh again"
    if row.library == PYTHON:
        shop = [str(folder() / "venv" / "bin" / "python"), str(MERCHANTS / "stripe_shop.py")]
    else:
        shop = ["env", f"NODE_PATH={folder() / 'node_modules'}", "node", str(MERCHANTS / "stripe_shop.cjs")]
    retries, key, calls = row.setting
    prefix = f"shop-{number:02}-of-many"  # a row's own numbers: neither program can be emptied
    command = [*shop, what, key, str(calls), retries, str(ORDERS), prefix]
    profile = next(p for p in session.plan.profiles if p.name == row.profile)
    verdict = Drill(session, settings(command), echo=False).run(profile).verdict.of("merchant-pays-once")
    assert verdict.result in (Result.HELD, Result.VIOLATED), verdict.reason
    assert verdict.exposures
    if verdict.findings:
        assert "does not promise to recognise one, and the money moved" in verdict.findings[0].summary
    return verdict.result is Result.VIOLATED


@pytest.mark.parametrize("number", _NUMBERS)
def test_a_provider_that_ignores_the_key(ignoring: Session, number: int) -> None:
    assert pays_twice(ignoring, "payouts", number) is ROWS[number].ignores, ROWS[number]


@pytest.mark.parametrize("number", _NUMBERS)
def test_a_provider_that_keeps_the_key(keeping: Session, number: int) -> None:
    assert pays_twice(keeping, "charges", number) is ROWS[number].keeps, ROWS[number]


def table() -> str:
    """The table of docs/EVIDENCE.md."""
    lines = [
        "| library | used with | under | localstripe, which ignores the key | stripe-stateful-mock, which keeps it |"
    ]
    lines.append("|---|---|---|---|---|")
    for row in ROWS:
        ignores, keeps = ("**pays twice**" if twice else "pays once" for twice in (row.ignores, row.keeps))
        lines.append(f"| {row.library} | {row.setting.words} | `{row.profile}` | {ignores} | {keeps} |")
    return "\n".join([*lines, ""])


@pytest.mark.skipif(not EVIDENCE.is_file(), reason="the docs are in a checkout only")
def test_the_evidence_has_the_table() -> None:
    assert EVIDENCE.read_text().partition(BEGIN)[2].partition(END)[0] == table()
