"""The reference provider against its own OpenAPI document, and against one that promises more than it keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ackord.core.operation import Vantage
from ackord.core.result import CampaignResult
from ackord.core.verdict import Result
from ackord.providers.reference.api import ServiceHolder, build_app
from ackord.run.audit import audit_recordings
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session
from ackord.workload.openapi_check import ApiDocument

ID = "answers-match-schema"
STILL = """
name: still
incident: A quiet day.
phases: {disturb: {orders: 30, concurrency: 8}}
workload: {plain: 2, resubmit: 2, unknown: 1}
exposes: [resubmission-same-order]
machine: false
"""
MADE_UP = """
name: made-up
incident: A box on the way answers in the provider's place.
phases: {disturb: {orders: 30, concurrency: 8}}
workload: {lost-answer: 2, resubmit: 1}
exposes: [errors-not-replayed]
faults:
  - {fault: provider-busy, share: 0.3}
  - {fault: error-substitution, share: 0.3, match: {operation: [submit]}, status: 500, code: NOT_IN_THE_DOCUMENT, forward: true}
machine: false
"""


def document(folder: Path, status: tuple[str, ...] = ()) -> Path:
    """What the provider serves as its document; with ``status``, it promises that an order has no other."""
    made: dict[str, Any] = build_app(ServiceHolder()).openapi()
    if status:
        made["components"]["schemas"]["OrderModel"]["properties"]["status"]["enum"] = status
    path = folder / "openapi.json"
    path.write_text(json.dumps(made))
    return path


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> CampaignResult:
    folder = tmp_path_factory.mktemp("schema")
    profiles = []
    for name, text in {"still": STILL, "made-up": MADE_UP}.items():
        profiles.append(str(folder / f"{name}.yaml"))
        (folder / f"{name}.yaml").write_text(text)
    plan = make_plan(
        RunOptions(
            "reference",
            profiles=profiles,
            seed=4,
            out=folder / "out",
            openapi=str(document(folder)),
            openapi_strict=True,
        )
    )
    with Session(plan) as session:
        return session.run_all()


@pytest.mark.parametrize("profile", ["still", "made-up"])
def test_the_reference_fits_its_own_document(campaign: CampaignResult, profile: str) -> None:
    judged = campaign.table()[ID][profile]
    assert judged.result is Result.HELD, judged.findings
    assert judged.exposures >= 60


def test_an_answer_that_the_gateway_made_up_is_not_charged(campaign: CampaignResult) -> None:
    """The merchant was given some that the document does not know of, and the provider's document is strict."""
    events = campaign.profiles[1].history.events
    made_up = [e for e in events if "NOT_IN_THE_DOCUMENT" in getattr(e, "detail", "") and hasattr(e, "outcome")]
    assert made_up
    assert {e.vantage for e in made_up} == {Vantage.MERCHANT}  # type: ignore[union-attr]


def test_a_narrower_document_is_violated_and_the_answer_is_named(campaign: CampaignResult, tmp_path: Path) -> None:
    narrow = ApiDocument(document(tmp_path, status=("ACCEPTED", "PROCESSING")))
    again = audit_recordings([Path(campaign.profiles[0].journal)], narrow)
    judged = again.table()[ID]["still"]
    assert judged.result is Result.VIOLATED
    assert again.exit_code == 1
    summary = judged.findings[0].summary
    assert "was answered 200 PAID" in summary
    assert 'at $.status, "PAID" is not one of' in summary
    assert "(schema: properties/status/enum)" in summary


def test_an_audit_gives_the_run_s_verdict(campaign: CampaignResult) -> None:
    run = campaign.profiles[1]
    plan_document = Path(run.journal).parents[2] / "openapi.json"
    again = audit_recordings([Path(run.journal)], ApiDocument(plan_document, strict=True))
    assert again.profiles[0].verdict == run.verdict
    assert f"--openapi {plan_document} --openapi-strict" in again.repeat
    assert "--openapi" in run.repeat
