"""A certificate is issued for what earns it; else the reason is said, and nothing is left."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ackord.certificate.issue import issue_certificate
from ackord.certificate.levels import CertificateLevel
from ackord.core.event import Complete
from ackord.core.operation import Observation
from ackord.core.verdict import Result
from ackord.errors import FileError, UnknownNameError
from ackord.record.journal import JournalWriter, read_journal

from .build import evidence, issued, order_of, recorded, verified

pytestmark = pytest.mark.usefixtures("level")


def test_a_correct_provider_gets_it(tmp_path: Path) -> None:
    done = issued(tmp_path)
    assert done.denials == ()
    assert done.bundle == tmp_path / "bundle"
    assert verified(tmp_path / "bundle").findings == ()


@pytest.mark.parametrize(
    ("flaw", "said"),
    [
        ("standby-reads", "acknowledged-order-visible is VIOLATED under none: query"),
        ("unknown-is-processing", "unknown-order-not-found is VIOLATED under none: query"),
        ("new-provider-id", "resubmission-same-order is VIOLATED under none: resubmission"),
    ],
)
def test_a_flawed_one_does_not_and_hears_why(tmp_path: Path, flaw: str, said: str) -> None:
    done = issued(tmp_path, flaw=flaw)
    assert done.bundle is None
    assert not (tmp_path / "bundle").exists()
    assert [d.exit_code for d in done.denials if d.sentence.startswith(said)] == [1], done.denials


def test_evidence_that_was_edited_is_not_signed(tmp_path: Path) -> None:
    campaign = evidence(tmp_path / "out", *recorded())
    journal = tmp_path / "out" / "none" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"STATUS", b"NOTHIN", 1))
    done = issue_certificate(campaign, tmp_path / "out", order_of(tmp_path), tmp_path / "bundle")
    assert done.bundle is None
    assert done.denials[0].exit_code == 1
    assert done.denials[0].sentence.startswith("the evidence was altered: ")
    assert not (tmp_path / "bundle").exists()


def test_evidence_that_was_written_anew_is_not_signed(tmp_path: Path) -> None:
    """Chain and digest fit, and the campaign in memory says HELD; the raw answers say otherwise."""
    campaign = evidence(tmp_path / "out", *recorded("standby-reads"))
    (held,) = campaign.profiles
    better = tuple(
        replace(g, result=Result.HELD) if g.result is Result.VIOLATED else g for g in held.verdict.guarantees
    )
    campaign = replace(campaign, profiles=(replace(held, verdict=replace(held.verdict, guarantees=better)),))
    done = issue_certificate(campaign, tmp_path / "out", order_of(tmp_path), tmp_path / "bundle")
    assert any(d.sentence.startswith("acknowledged-order-visible is VIOLATED") for d in done.denials)

    journal = tmp_path / "out" / "none" / "journal.jsonl"
    history = read_journal(journal)
    writer = JournalWriter(journal, history.header)
    for event in history.events:
        if isinstance(event, Complete) and event.observation is Observation.NOT_FOUND:
            event = event._replace(observation=Observation.STATUS)
        writer.add(event)
    writer.close()
    result = tmp_path / "out" / "result.json"
    digest = hashlib.sha256(journal.read_bytes()).hexdigest()
    told = json.loads(result.read_text())
    told["profiles"][0]["journal_sha256"] = digest
    result.write_text(json.dumps(told))
    done = issue_certificate(campaign, tmp_path / "out", order_of(tmp_path), tmp_path / "bundle")
    assert done.bundle is None
    assert "the journal reads its answer as" in done.denials[0].sentence


def test_evidence_that_is_not_whole_is_a_mistake(tmp_path: Path) -> None:
    campaign = evidence(tmp_path / "out", *recorded())
    (tmp_path / "out" / "result.json").unlink()
    with pytest.raises(FileError, match=r"result\.json: this part of the evidence is missing"):
        issue_certificate(campaign, tmp_path / "out", order_of(tmp_path), tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_old_evidence_is_not_signed(tmp_path: Path) -> None:
    done = issued(tmp_path, issued_s=1_800_000_000)
    assert [d.sentence for d in done.denials] == [
        "the evidence contradicts itself: none: the run of 2026-01-02T03:04:05Z was signed at 2027-01-15T08:00:00Z, "
        "more than a day after it"
    ]


def test_a_folder_that_is_taken_and_a_level_that_is_none_are_mistakes(tmp_path: Path, level: CertificateLevel) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "mine").write_text("x")
    with pytest.raises(FileError, match="there is something in this folder"):
        issued(tmp_path)
    assert (tmp_path / "bundle" / "mine").exists()
    with pytest.raises(UnknownNameError):
        issued(tmp_path, level="S9")
