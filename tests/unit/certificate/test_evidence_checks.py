"""What contradicts itself in the evidence is said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ackord.certificate.evidence_checks import (
    evidence_problems,
    foreign_profiles,
    unread_answers,
    unread_too_many,
)
from ackord.chaos.profile import read_profile
from ackord.contract.loading.loader import load_contract
from ackord.core.event import Complete, Event, FaultChange
from ackord.core.history import History, RunHeader
from ackord.core.result import CampaignResult

from .build import ISSUED, evidence, recorded

CONTRACT = load_contract("reference")
Events = list[Event]


def problems(
    tmp_path: Path,
    events: Callable[[Events], Events] = lambda events: events,
    header: Callable[[RunHeader], RunHeader] = lambda header: header,
    **more: str,
) -> list[tuple[str, bool]]:
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    shutil.copy(read_profile("none").path, profiles / "none.yaml")
    first, recorded_events = recorded()
    campaign = evidence(tmp_path / "out", first, recorded_events)
    changed = History(header(first), events(recorded_events))
    campaign = replace(campaign, profiles=(replace(campaign.profiles[0], history=changed),))
    found = evidence_problems(campaign, CONTRACT, profiles, **({"nonce": "", "issued": ISSUED} | more))
    return [(p.sentence, p.replayed) for p in found]


def dated(text: str) -> Callable[[Events], Events]:
    return lambda events: [
        e._replace(answer={**e.answer, "headers": {"date": text}}) if isinstance(e, Complete) and e.answer else e
        for e in events
    ]


def test_a_run_as_it_was_contradicts_nothing(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


def test_dates_within_the_run_fit(tmp_path: Path) -> None:
    assert problems(tmp_path, dated("Fri, 02 Jan 2026 03:04:35 GMT")) == []


@pytest.mark.parametrize("text", ["Thu, 01 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 05:00:00 GMT"])
def test_answers_of_another_day_are_old(tmp_path: Path, text: str) -> None:
    ((said, replayed),) = problems(tmp_path, dated(text))
    assert replayed
    assert f"is dated {text}, and the run began at 2026-01-02T03:04:05Z" in said


def test_a_fault_of_clocks_excuses_them(tmp_path: Path) -> None:
    stepped = FaultChange(1, "clock-step", "armed", "clock", 0, {})
    events = dated("Thu, 01 Jan 2026 03:04:05 GMT")
    assert problems(tmp_path, lambda found: [stepped, *events(found)]) == []


@pytest.mark.parametrize(
    ("issued", "said", "replayed"),
    [("2026-01-02T03:00:00Z", "after it was signed", False), ("2026-01-04T00:00:00Z", "more than a day after", True)],
)
def test_a_run_is_signed_soon_after_its_end(tmp_path: Path, issued: str, said: str, replayed: bool) -> None:
    ((sentence, is_replayed),) = problems(tmp_path, issued=issued)
    assert said in sentence
    assert is_replayed is replayed


def test_a_run_of_no_time_is_none(tmp_path: Path) -> None:
    said = problems(tmp_path, header=lambda h: replace(h, started=""))
    assert said == [("none: the journal does not say when the run began", False)]


def test_the_seed_follows_from_the_challenge(tmp_path: Path) -> None:
    assert problems(tmp_path, nonce="a-challenge") == [("the seed of the run does not follow from the challenge", True)]


def test_a_seed_that_is_not_the_run_s_is_found(tmp_path: Path) -> None:
    said = [sentence for sentence, _ in problems(tmp_path, header=lambda h: replace(h, seed=4))]
    assert said[0] == "the result tells of the seed 3, and its journals of another one"
    assert any("another run's orders" in sentence for sentence in said)


def test_only_shipped_profiles_are_not_foreign(tmp_path: Path) -> None:
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    shutil.copy(read_profile("none").path, profiles / "none.yaml")
    campaign: CampaignResult = evidence(tmp_path / "out", *recorded())
    assert foreign_profiles(campaign, profiles) == []
    (profiles / "none.yaml").write_text((profiles / "none.yaml").read_text() + "# mine\n")
    assert foreign_profiles(campaign, profiles) == ["none"]


def test_answers_that_cannot_be_read_again_are_counted(tmp_path: Path) -> None:
    header, events = recorded()
    long = " " * 20_000
    cut = [
        e._replace(answer={**e.answer, "truncated": True, "body": long})
        if isinstance(e, Complete) and e.answer and e.op == 2
        else e
        for e in events
    ]
    assert unread_answers(evidence(tmp_path / "a", header, events), CONTRACT)[0] == {}
    unread, answers = unread_answers(evidence(tmp_path / "b", header, cut), CONTRACT)
    assert unread == {"they are longer than the journal keeps": 2}
    assert unread_too_many(unread, answers) == ""
    assert unread_too_many(unread, 39) == (
        "2 of 39 raw answers cannot be read again (they are longer than the journal keeps): too much would rest on the "
        "signer's word"
    )
