"""Whatever is wrong with a bundle is found, and called by its name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.certificate.bundle import ENVELOPES, KEY, PAGE, SUBJECT
from ackord.certificate.challenge import seed_of_challenge
from ackord.certificate.dates import unix_of
from ackord.certificate.envelope import open_envelopes, seal
from ackord.certificate.keys import public_pem
from ackord.certificate.soundness import Soundness
from ackord.certificate.verification import Verification
from ackord.chaos.profile import read_profile
from ackord.core.clock import SECOND
from ackord.core.event import Begin, Complete, Event, LedgerRead, Movement
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.seed import Seed
from ackord.errors import FileError

from ...tiers import gate
from . import build
from .build import LATER_S, OTHER_KEY, issued, rewritten, verified
from .forger import rejournaled, reports_made_anew, resigned, result_changed, statement_of

Events = list[Event]
DAY_S = 86_400


def is_(verification: Verification, kind: Soundness, *words: str) -> None:
    said = "\n".join(f"{f.kind}: {f.sentence}" for f in verification.findings)
    assert verification.soundness is kind, said
    for word in words:
        assert word in said, said


def files_of(bundle: Path) -> list[Path]:
    return sorted(path.relative_to(bundle) for path in bundle.rglob("*") if path.is_file())


def test_a_bundle_is_sound(bundle: Path) -> None:
    found = verified(bundle)
    is_(found, Soundness.SOUND)
    assert found.soundness.exit_code == 0
    assert found.again is not None and found.again.differences == ()


def test_a_bundle_is_the_same_in_another_place(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bundle.parent / "elsewhere").mkdir()
    moved = bundle.rename(bundle.parent / "elsewhere" / "x")
    monkeypatch.chdir(moved.parent)
    is_(verified(Path("x")), Soundness.SOUND)
    monkeypatch.chdir(moved)
    is_(verified(Path("../x")), Soundness.SOUND)
    is_(verified(moved), Soundness.SOUND)


# Whoever alters a file on its way has no key.


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_byte_altered_is_found(bundle: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(files_of(bundle)))
    content = (bundle / name).read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    altered_byte = content[at] ^ data.draw(st.integers(1, 255))
    with altered(bundle / name, content[:at] + bytes([altered_byte]) + content[at + 1 :]):
        is_(verified(bundle), Soundness.ALTERED, name.as_posix())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bytes_that_are_cut_out_or_put_in_are_found(bundle: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(files_of(bundle)))
    content = (bundle / name).read_bytes()
    begin, end = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    put_in = data.draw(st.binary(max_size=5))
    changed = content[:begin] + put_in + content[end:]
    if changed != content:
        with altered(bundle / name, changed):
            is_(verified(bundle), Soundness.ALTERED, name.as_posix())


@pytest.mark.parametrize("name", gate([KEY, SUBJECT, PAGE, ENVELOPES, "evidence/profiles/none.yaml"], [KEY, SUBJECT]))
def test_every_single_byte_of_a_file_counts(bundle: Path, name: str) -> None:
    content = (bundle / name).read_bytes()
    for at in range(len(content)):
        with altered(bundle / name, content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]):
            is_(verified(bundle), Soundness.ALTERED, name)


class altered:
    """Let a file have other bytes for a while."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path, self.content, self.before = path, content, path.read_bytes()

    def __enter__(self) -> None:
        self.path.write_bytes(self.content)

    def __exit__(self, *_: object) -> None:
        self.path.write_bytes(self.before)


@pytest.mark.parametrize("name", ["evidence/none/journal.jsonl", PAGE, KEY, "evidence/result.json"])
def test_a_file_that_is_missing_is_found(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    is_(verified(bundle), Soundness.ALTERED, f"{name} is missing")


@pytest.mark.parametrize("name", ["more.txt", "evidence/latency/journal.jsonl", ".hidden"])
def test_a_file_too_many_is_found(bundle: Path, name: str) -> None:
    (bundle / name).parent.mkdir(exist_ok=True)
    (bundle / name).write_text("x")
    is_(verified(bundle), Soundness.ALTERED, f"{name} is no part of what was signed")


def test_a_link_is_no_file(bundle: Path) -> None:
    path = bundle / SUBJECT
    path.rename(bundle.parent / "subject.yaml")
    path.symlink_to(bundle.parent / "subject.yaml")
    is_(verified(bundle), Soundness.ALTERED, SUBJECT)


def test_another_key_is_told_from_an_alteration(bundle: Path) -> None:
    is_(verified(bundle, key=OTHER_KEY.public_key()), Soundness.NOT_BY_THIS_KEY, "was signed by the key")
    rewritten(bundle, ENVELOPES, lambda data: data.replace(b"sig", b"gis"))
    is_(verified(bundle, key=OTHER_KEY.public_key()), Soundness.ALTERED)


def test_somebody_else_s_signature_over_the_same_files_is_not_the_vendor_s(bundle: Path) -> None:
    (bundle / KEY).write_bytes(public_pem(OTHER_KEY.public_key()))
    resigned(bundle, key=OTHER_KEY)
    is_(verified(bundle), Soundness.NOT_BY_THIS_KEY)
    is_(verified(bundle, key=None), Soundness.SIGNER_UNKNOWN, "nothing is known of who signed it")
    is_(verified(bundle, key=OTHER_KEY.public_key()), Soundness.SOUND)


def test_without_a_key_nothing_is_proven(bundle: Path) -> None:
    found = verified(bundle, key=None)
    is_(found, Soundness.SIGNER_UNKNOWN)
    assert found.soundness.exit_code == 3


def test_the_statement_of_another_bundle_does_not_fit(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    issued(tmp_path / "other", seed=4)
    shutil.copy(tmp_path / "other" / "bundle" / ENVELOPES, bundle / ENVELOPES)
    is_(verified(bundle), Soundness.ALTERED, "evidence/none/journal.jsonl")


def test_envelopes_are_two_and_in_this_order(bundle: Path) -> None:
    first, second = (bundle / ENVELOPES).read_bytes().splitlines(keepends=True)
    for lines in ([first], [second, first], [first, second, second], [first, first], []):
        (bundle / ENVELOPES).write_bytes(b"".join(lines))
        assert verified(bundle).soundness in (Soundness.ALTERED, Soundness.SIGNED_BUT_WRONG)


def test_a_folder_that_is_no_bundle_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no certificate"):
        verified(tmp_path)


# Whoever has the key can sign anything. The raw answers say otherwise.


def test_a_forger_who_changes_nothing_is_not_found(bundle: Path) -> None:
    """The twin of all that follows: what they find is not the forger's way of signing."""
    is_(verified(resigned(bundle)), Soundness.SOUND)


def test_a_forged_result_is_found(bundle: Path) -> None:
    result_changed(bundle, lambda data: data["profiles"][0]["guarantees"][4].update(result="HELD", exposures_count=9))
    is_(verified(resigned(bundle)), Soundness.SIGNED_BUT_WRONG, "judged again it is INCONCLUSIVE")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p["guarantees"][0].update(exposures_count=9_999), "signed with another exposures_count"),
        (lambda p: p["guarantees"][0]["profiles"]["none"].update(result="UNSAFE"), "signed UNSAFE, judged again HELD"),
        (lambda p: p["guarantees"].pop(), "the certificate does not tell of it"),
        (lambda p: p["claim"].update(level="A0"), "A0 is not earned: the profile concurrent-copies is missing"),
        (lambda p: p["claim"].update(title="Perfect in every way"), "title"),
        (lambda p: p["subject"].update(product="Something better"), "Something better"),
        (lambda p: p["judged"].update(provider="a real bank"), "a real bank"),
        (lambda p: p["suite"].update(seed=99), "seed"),
        (lambda p: p["suite"].update(budget="deep"), "deep"),
        (lambda p: p["promises"].update(not_found="tolerated"), "tolerated"),
        (lambda p: p["landing"]["none"].update(p99_ns=1), "landing"),
        (lambda p: p["does_not_prove"].clear(), "does_not_prove"),
        (lambda p: p.update(more="praise"), "praise"),
        (lambda p: p["unread_answers"].update(x=1), "unread_answers"),
    ],
)
def test_a_statement_that_says_more_than_the_evidence_is_found(
    bundle: Path, change: Callable[[Any], object], said: str
) -> None:
    is_(verified(resigned(bundle, change)), Soundness.SIGNED_BUT_WRONG, said)


@pytest.mark.parametrize("name", ["evidence/ackord-summary.md", "evidence/report.html", "evidence/junit.xml"])
def test_a_report_that_says_more_than_the_evidence_is_found(bundle: Path, name: str) -> None:
    rewritten(bundle, name, lambda data: data.replace(b"INCONCLUSIVE", b"HELD") + b" ")
    is_(verified(resigned(bundle)), Soundness.SIGNED_BUT_WRONG, f"{name} is not what the evidence gives")


def is_not_found(event: Event) -> bool:
    return isinstance(event, Complete) and event.observation is Observation.NOT_FOUND


def reading_changed(events: Events) -> Events:
    better = {"observation": Observation.STATUS, "outcome": Outcome.OK, "state": PaymentState.SUCCEEDED}
    return [e._replace(**better) if isinstance(e, Complete) and is_not_found(e) else e for e in events]


def amount_changed(events: Events) -> Events:
    return [e._replace(amount_minor=7) if isinstance(e, Complete) and e.amount_minor else e for e in events]


def answers_dropped(events: Events) -> Events:
    return [e for e in events if not is_not_found(e)]


def operation_dropped(events: Events) -> Events:
    gone = {e.op for e in events if isinstance(e, Complete) and is_not_found(e)}
    return [e for e in events if not (isinstance(e, Begin | Complete) and e.op in gone)]


def provider_s_side_dropped(events: Events) -> Events:
    return [e for e in events if not (isinstance(e, Begin | Complete) and e.vantage is Vantage.PROVIDER and e.op == 2)]


def operation_added(events: Events) -> Events:
    last = max(e.op for e in events if isinstance(e, Begin))
    twins = [e._replace(op=last + 2) for e in events if isinstance(e, Begin | Complete) and e.op == last]
    return [*events[:-1], *twins, events[-1]]


def answer_moved(events: Events) -> Events:
    """An answer of before the operation's begin: what was seen late seems to have been seen early."""
    return [e._replace(at_ns=e.at_ns - 60 * SECOND) if isinstance(e, Complete) and e.op == 5 else e for e in events]


def payload_changed(events: Events) -> Events:
    return [
        e._replace(fingerprint="0" * 16)
        if isinstance(e, Begin) and e.vantage is Vantage.PROVIDER and e.kind is OperationKind.SUBMIT
        else e
        for e in events
    ]


def movement_dropped(events: Events) -> Events:
    first = next(e for e in events if isinstance(e, Movement))
    return [e for e in events if e is not first]


def ledger_dropped(events: Events) -> Events:
    return [e for e in events if not isinstance(e, Movement | LedgerRead)]


def raw_answer_changed(events: Events) -> Events:
    """A better raw answer and no better reading."""
    return [
        e._replace(answer={**e.answer, "status": 200, "body": '{"status": "PAID", "order_no": "x"}'})
        if isinstance(e, Complete) and e.answer and is_not_found(e)
        else e
        for e in events
    ]


def readings_spared(events: Events) -> Events:
    """Better readings, of answers that are marked as too long to be read again."""
    better = {"observation": Observation.STATUS, "outcome": Outcome.OK, "state": PaymentState.SUCCEEDED}
    return [
        e._replace(**better, answer={**e.answer, "truncated": True})
        if isinstance(e, Complete) and e.answer and is_not_found(e)
        else e
        for e in events
    ]


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (readings_spared, "and was read all the same"),
        (reading_changed, "the journal reads its answer as"),
        (amount_changed, "the journal reads its answer as"),
        (raw_answer_changed, "the journal reads its answer as"),
        (answers_dropped, "never ends"),
        (operation_dropped, "is missing"),
        (operation_added, "is missing"),
        (provider_s_side_dropped, "never reached the provider"),
        (answer_moved, "complete before it began"),
        (payload_changed, "is another one at the provider"),
        (movement_dropped, "stand before it"),
        (ledger_dropped, "judged again"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_journal_that_was_written_anew_is_found(bundle: Path, forge: Callable[[Events], Events], said: str) -> None:
    """Chain, footer, digests and signature fit."""
    rejournaled(bundle, forge)
    is_(verified(resigned(bundle)), Soundness.SIGNED_BUT_WRONG, said)


@pytest.mark.parametrize("line", [5, -1, -2])
def test_a_line_that_was_edited_breaks_the_chain(bundle: Path, line: int) -> None:
    def edit(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        lines[line] = lines[line].replace(b"1", b"2", 1)
        return b"".join(lines)

    rewritten(bundle, "evidence/none/journal.jsonl", edit)
    is_(verified(resigned(bundle)), Soundness.SIGNED_BUT_WRONG, "the evidence cannot be judged")


@pytest.mark.parametrize(
    "header",
    [
        lambda h: replace(h, exposes=()),
        lambda h: replace(h, requires={"landing-bounded": ("x",)}),
        lambda h: replace(h, exposure_window_ns=1),
        lambda h: replace(h, profile_sha256="0" * 64),
    ],
)
def test_a_header_that_demands_less_than_its_profile_is_found(bundle: Path, header: Callable[[Any], Any]) -> None:
    rejournaled(bundle, header=header)
    is_(verified(resigned(bundle)), Soundness.SIGNED_BUT_WRONG, "profile")


def test_a_profile_of_one_s_own_under_a_shipped_name_is_found(bundle: Path) -> None:
    rewritten(bundle, "evidence/profiles/none.yaml", lambda data: data.replace(b"orders: 160", b"orders: 1"))
    is_(verified(resigned(bundle)), Soundness.SIGNED_BUT_WRONG, "is not the one that comes with Ackord")


def test_a_contract_that_promises_less_is_found(bundle: Path) -> None:
    rewritten(
        bundle, "evidence/run-contract.yaml", lambda data: data.replace(b"not_found: forbidden", b"not_found: inconclusive")
    )  # fmt: skip
    is_(verified(resigned(bundle)), Soundness.SIGNED_BUT_WRONG, "this is not the contract of")


def test_a_result_cannot_lead_to_a_journal_elsewhere(bundle: Path) -> None:
    journal = bundle / "evidence/none/journal.jsonl"
    shutil.copy(journal, bundle.parent / "other.jsonl")
    result_changed(bundle, lambda data: data["profiles"][0].update(journal="../../other.jsonl"))
    is_(verified(resigned(bundle)), Soundness.SIGNED_BUT_WRONG, "names a journal outside")


def test_a_bundle_without_a_single_profile_is_wrong_and_no_crash(bundle: Path) -> None:
    shutil.rmtree(bundle / "evidence/none")
    (bundle / "evidence/profiles/none.yaml").unlink()
    result_changed(bundle, lambda data: data.update(profiles=[]))
    resigned(bundle, lambda p: p["suite"].update(profiles=[]))
    assert verified(bundle).soundness is Soundness.SIGNED_BUT_WRONG


@pytest.mark.parametrize("part", ["claim", "guarantees", "suite", "evidence", "judged", "format"])
@pytest.mark.parametrize("value", [None, 3, "x", [], [1], {"a": 1}])
def test_a_statement_of_nonsense_is_wrong_and_no_crash(bundle: Path, part: str, value: Any) -> None:
    statement = statement_of(bundle)
    statement["predicate"][part] = value
    (bundle / ENVELOPES).write_bytes(seal([statement, {"x": 1}], build.KEY))
    assert verified(bundle).soundness in (Soundness.SIGNED_BUT_WRONG, Soundness.ALTERED)


# Old evidence that is passed off as new.


def test_an_expired_certificate_proves_nothing(bundle: Path) -> None:
    found = verified(bundle, at_s=LATER_S + 90 * DAY_S)
    is_(found, Soundness.EXPIRED, "it expired at 2026-04-02T03:30:00Z")
    assert found.soundness.exit_code == 3


def test_a_certificate_older_than_one_takes_is_replayed(bundle: Path) -> None:
    is_(verified(bundle, max_age_s=4 * DAY_S), Soundness.SOUND)
    is_(verified(bundle, max_age_s=2 * DAY_S), Soundness.REPLAYED, "longer ago than you take")


def test_a_certificate_of_the_future_is_wrong(bundle: Path) -> None:
    is_(verified(bundle, at_s=LATER_S - 10 * DAY_S), Soundness.SIGNED_BUT_WRONG, "still to come")


def test_an_old_run_that_is_signed_anew_is_replayed(bundle: Path) -> None:
    new = {"issued": "2026-03-01T00:00:00Z", "expires": "2026-05-01T00:00:00Z"}
    resigned(bundle, lambda p: p["claim"].update(new))
    is_(verified(bundle, at_s=unix_of("2026-03-02T00:00:00Z")), Soundness.REPLAYED, "more than a day after it")


def test_a_run_that_answers_no_challenge_does_not_answer_mine(bundle: Path) -> None:
    is_(verified(bundle, nonce="tell-me-now-1"), Soundness.REPLAYED, "it answers no challenge at all")
    resigned(bundle, lambda p: p["claim"].update(nonce="tell-me-now-1"))
    is_(verified(bundle, nonce="tell-me-now-1"), Soundness.REPLAYED, "does not follow from the challenge")


def test_an_old_run_whose_seed_is_written_over_is_replayed(bundle: Path) -> None:
    """The forger gives the old run the seed of the new challenge, everywhere. Its orders have the old amounts."""
    seed = seed_of_challenge("tell-me-now-1")
    digest = read_profile("none").profile.drawn(Seed(seed).derive("none")).sha256()
    rejournaled(bundle, header=lambda h: replace(h, seed=seed, profile_sha256=digest))
    result_changed(bundle, lambda data: data.update(seed=seed))
    reports_made_anew(bundle)

    def claim(predicate: Any) -> None:
        predicate["claim"]["nonce"] = "tell-me-now-1"
        predicate["suite"]["seed"] = seed

    resigned(bundle, claim)
    is_(verified(bundle, nonce="tell-me-now-1"), Soundness.REPLAYED, "another run's orders")


def test_a_run_that_answers_the_challenge_is_sound(tmp_path: Path, level: object) -> None:
    nonce = "tell-me-now-1"
    assert issued(tmp_path, seed=seed_of_challenge(nonce), nonce=nonce).bundle is not None
    is_(verified(tmp_path / "bundle", nonce=nonce), Soundness.SOUND)
    is_(verified(tmp_path / "bundle"), Soundness.SOUND)
    is_(verified(tmp_path / "bundle", nonce="another-challenge"), Soundness.REPLAYED, "and you gave the challenge")


# Another version.


def older(bundle: Path) -> None:
    rejournaled(bundle, header=lambda h: replace(h, tool="0.0.9"))


def test_what_another_version_judged_the_same_is_sound_and_told(bundle: Path) -> None:
    older(bundle)
    found = verified(resigned(bundle, lambda p: p["suite"].update(version="0.0.9")))
    is_(found, Soundness.SOUND)
    assert found.again is not None
    assert any("0.0.9" in difference for difference in found.again.differences)


def test_how_another_version_judged_otherwise_is_told(bundle: Path) -> None:
    older(bundle)

    def other_exposures(predicate: Any) -> None:
        predicate["suite"]["version"] = "0.0.9"
        predicate["guarantees"][0]["profiles"]["none"]["exposures_count"] = 11

    found = verified(resigned(bundle, other_exposures))
    is_(found, Soundness.SOUND)
    assert found.again is not None
    assert (
        "acknowledged-order-visible under none: signed 11 exposures, judged again 12 exposures"
        in found.again.differences
    )


def test_a_level_that_only_another_version_grants_is_not_sound(bundle: Path) -> None:
    older(bundle)
    rewritten(bundle, "evidence/profiles/none.yaml", lambda data: data.replace(b"orders: 160", b"orders: 150"))
    found = verified(resigned(bundle, lambda p: p["suite"].update(version="0.0.9")))
    assert found.soundness in (Soundness.OTHER_VERSION, Soundness.SIGNED_BUT_WRONG)
    assert any(f.kind is Soundness.OTHER_VERSION for f in found.findings)


def test_the_two_statements_say_the_same(bundle: Path) -> None:
    certificate, test_result = (o.statement for o in open_envelopes((bundle / ENVELOPES).read_bytes()))
    test_result["predicate"]["passedTests"].append("none/everything")
    (bundle / ENVELOPES).write_bytes(seal([certificate, test_result], build.KEY))
    is_(verified(bundle), Soundness.SIGNED_BUT_WRONG, "the test-result says something else")
