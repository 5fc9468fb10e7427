"""A small run under the profile `none`, recorded in virtual time, and a level that it earns: bundles in a blink."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ackord import __version__, masking
from ackord.certificate.dates import unix_of
from ackord.certificate.issue import CertificateOrder, IssuedCertificate, issue_certificate
from ackord.certificate.levels import LEVELS, CertificateLevel
from ackord.certificate.verification import Verification, VerificationRequest, verify_bundle
from ackord.chaos.profile import read_profile
from ackord.contract.loading.loader import load_contract
from ackord.core.clock import MS
from ackord.core.event import Event
from ackord.core.history import RunHeader
from ackord.core.result import CampaignResult
from ackord.core.seed import Seed
from ackord.record.journal import JournalWriter
from ackord.report import write_all
from ackord.run.audit import audit_recordings
from ackord.run.evidence import contract_digest, keep_contract
from tests.simulated.worlds import do, world

SMALL = CertificateLevel(
    "S0",
    "Small: for tests",
    must=("acknowledged-order-visible", "unknown-order-not-found", "resubmission-same-order", "succeeded-order-paid"),
    should=("answers-match-schema",),
    may_be_unsafe=frozenset(),
    profiles=("none",),
)
STARTED = "2026-01-02T03:04:05Z"
ISSUED = "2026-01-02T03:30:00Z"
LATER_S = unix_of("2026-01-05T00:00:00Z")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
SUBJECT = "vendor: Example Pay\nproduct: Payouts\nversion: '1'\nenvironment: sandbox\n"

Events = list[Event]


@contextmanager
def small_level(level: CertificateLevel = SMALL) -> Iterator[CertificateLevel]:
    """Let the level exist for a while, and what other tests call a secret be forgotten: fixtures of a whole session come
    before that is done for a test.
    """
    LEVELS.add(level.name, level)
    before, masking._secrets = masking._secrets, {}
    try:
        yield level
    finally:
        masking._secrets = before
        del LEVELS._things[level.name]


def recorded(flaw: str = "", seed: int = 3) -> tuple[RunHeader, Events]:
    """Header and events of a run with a handful of orders, as a run under `none` leaves them."""
    loaded = load_contract("reference")
    w = world(flaw, seed)
    if not flaw:
        w.heal("replication-latency")
    amounts = loaded.contract.limits.amounts()
    run_seed = Seed(seed).derive("none")
    for ordinal in range(1, 8):
        order = w.create_order(amounts.at(run_seed.pick(amounts.count, "amount", ordinal)))
        if ordinal == 1:
            do(w, order, order.query())
            continue
        do(w, order, order.submit())
        do(w, order, order.query())
        do(w, order, order.submit())
    w.end_program()
    profile = read_profile("none").profile.drawn(run_seed)
    header = replace(
        w.header,
        profile="none", exposes=("acknowledged-order-visible",), requires=profile.requires(),
        exposure_window_ns=profile.exposure_window_ns(), started=STARTED, tool=__version__,
        contract_sha256=contract_digest(loaded), profile_sha256=profile.sha256(), options={"target": "reference"},
    )  # fmt: skip
    return replace(header, exposes=tuple(profile.exposes)), list(w.recorder.events)


def evidence(out: Path, header: RunHeader, events: Events) -> CampaignResult:
    """Write the run's folder; return its campaign."""
    masking._secrets.clear()  # of a copy of the reference's contract that was read before: its keys are none
    journal = out / "none" / "journal.jsonl"
    writer = JournalWriter(journal, header)
    for event in events:
        writer.add(event)
    writer.close()
    keep_contract(load_contract("reference"), out)
    campaign = replace(audit_recordings([journal]), out=str(out), started=header.started)
    write_all(campaign, out)
    return campaign


def order_of(folder: Path, **more: Any) -> CertificateOrder:
    subject = folder / "vendor.yaml"
    subject.write_text(SUBJECT)
    wish = {"level": "S0", "key": KEY, "subject": subject, "issued_s": unix_of(ISSUED), "valid_s": 90 * 86_400} | more
    return CertificateOrder(**wish)


def issued(folder: Path, *, flaw: str = "", seed: int = 3, **more: Any) -> IssuedCertificate:
    """Record a small run and ask for its certificate, in ``folder / "bundle"``; the level must exist."""
    campaign = evidence(folder / "out", *recorded(flaw, seed))
    return issue_certificate(campaign, folder / "out", order_of(folder, **more), folder / "bundle")


def verified(bundle: Path, **more: Any) -> Verification:
    """Verify a bundle with the right key, three days after it was issued, unless ``more`` says otherwise."""
    return verify_bundle(bundle, VerificationRequest(**({"at_s": LATER_S, "key": KEY.public_key()} | more)))


def rewritten(bundle: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    path = bundle / name
    path.write_bytes(change(path.read_bytes()))


__all__ = [
    "ISSUED",
    "KEY",
    "LATER_S",
    "MS",
    "OTHER_KEY",
    "SMALL",
    "evidence",
    "issued",
    "order_of",
    "recorded",
    "rewritten",
    "small_level",
    "verified",
]
