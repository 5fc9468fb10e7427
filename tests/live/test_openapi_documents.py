"""The emulated answers of shipped contracts against the providers' own OpenAPI documents, where those are at hand: the
examples in a contract are whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ackord.contract.loading.loader import shipped
from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

from ..tiers import gate

ID = "answers-match-schema"
PROFILES = ("none", "lost-answers")


class Harm(NamedTuple):
    """A contract's example with something wrong in it."""

    at: tuple[str | int, ...]
    told: str
    instead: Any = None
    """What stands there then; ``None``: nothing."""


HARMS = {
    "adyen-transfers": Harm(
        ("query", "answers", 0, "example", "data", 0, "amount", "currency"),
        'at $.data[0].amount, "currency" is a required property',
    ),
    "paypal-payouts": Harm(
        ("query", "answers", 0, "example", "items", 0, "payout_item", "receiver"),
        'at $.items[0].payout_item, "receiver" is a required property',
    ),
    "paystack-transfers": Harm(
        ("submit", "answers", 0, "example", "data", "transfersessionid"),
        'at $.data, "transfersessionid" is a required property',
    ),
    # Square's document requires no field of a payment, so there is none whose absence it would tell.
    "square-payments": Harm(
        ("submit", "answers", 0, "example", "payment", "source_type"), "at $.payment.source_type", instead=["CARD"]
    ),
}


def certified(contract: str, document: Path, out: Path, profiles: Sequence[str]) -> CampaignResult:
    plan = make_plan(RunOptions(contract, target="emulator", profiles=profiles, seed=1, out=out, openapi=str(document)))
    # One wave gives hundreds of answers; more programs would give no others.
    with Session(replace(plan, budget=replace(plan.budget, examples=1))) as session:
        return session.run_all()


UNDESCRIBED = {"square-payments": "refund"}
"""Operations that the copy of the document at hand leaves out."""


def described(contract: str) -> dict[str, Any]:
    """The shipped contract without what its document at hand leaves out."""
    made: dict[str, Any] = yaml.safe_load((shipped("contracts") / f"{contract}.yaml").read_text())
    if (section := UNDESCRIBED.get(contract)) is not None:
        del made[section]
        made["promises"] = {k: v for k, v in made["promises"].items() if section not in k}
        made["facts"] = {k: v for k, v in made["facts"].items() if section not in k}
    return made


def written(made: dict[str, Any], folder: Path) -> Path:
    path = folder / "copy.yaml"
    path.write_text(yaml.safe_dump(made, sort_keys=False))
    return path


def harmed(contract: str, harm: Harm, folder: Path) -> Path:
    """A copy of the shipped contract with the harm done."""
    made = described(contract)
    part, last = made, harm.at[-1]
    for step in harm.at[:-1]:
        part = part[step]
    assert last in part
    if harm.instead is None:
        del part[last]
    else:
        part[last] = harm.instead
    return written(made, folder)


@pytest.mark.parametrize("contract", gate(HARMS, ["adyen-transfers"]))
def test_emulated_answers_fit_the_providers_document(
    contract: str, openapi_document: Callable[[str], Path], tmp_path: Path
) -> None:
    path = written(described(contract), tmp_path)
    judged = certified(str(path), openapi_document(contract), tmp_path / "out", PROFILES).table()[ID]
    for profile in PROFILES:
        assert judged[profile].result is Result.HELD, judged[profile].findings
        assert judged[profile].exposures >= 50


@pytest.mark.parametrize("contract", gate(HARMS, ["square-payments"]))
def test_a_harmed_example_is_told_with_its_place(
    contract: str, openapi_document: Callable[[str], Path], tmp_path: Path
) -> None:
    document, harm = openapi_document(contract), HARMS[contract]
    judged = certified(str(harmed(contract, harm, tmp_path)), document, tmp_path / "out", ["none"]).table()[ID]["none"]
    assert judged.result is Result.VIOLATED
    assert any(harm.told in finding.summary for finding in judged.findings), judged.findings[0].summary
